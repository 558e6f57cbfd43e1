#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`--calls all` traces every call: the records, the summary record and `proctor summary` count what
the program did, call for call; strace -c, where it is installed, counts the same.
"""

import collections
import json
import os
import shutil
import sys

sys.dont_write_bytecode = True
import harness as h

# Two runs that differ only in N: what differs in their counts is what these lines did.
PROGRAM = r"""
import ctypes, os, sys
n = int(sys.argv[1])
libc = ctypes.CDLL(None); libc.syscall.restype = ctypes.c_long
buf = ctypes.create_string_buffer(256); bad = ctypes.create_string_buffer(b'nothing'); data = ctypes.create_string_buffer(b'data')
out = ctypes.create_string_buffer(b'/etc/passwd')
call = libc.syscall
for i in range(n):
    call(110)                                    # getppid
    call(110)
    call(4, data, buf)                           # stat: allowed
    call(4, bad, buf)                            # ENOENT
    call(21, out, 4)                             # access: denied
    fd = call(257, -100, data, 0)                # openat
    call(0, fd, buf, 1)                          # read
    call(3, fd)                                  # close
    call(3, 999)                                 # EBADF
    call(41, 2, 1, 0)                            # socket: denied
    call(999)                                    # no such call
    call(1, 2, buf, 0)                           # write
"""
WANT = {  # per round: calls, errors, allow, deny or hide
    "getppid": (2, 0, 2, 0),
    "stat": (2, 1, 2, 0),
    "access": (1, 1, 0, 1),
    "openat": (1, 0, 1, 0),
    "read": (1, 0, 1, 0),
    "close": (2, 1, 2, 0),
    "socket": (1, 1, 0, 1),
    "unknown": (1, 1, 0, 1),
    "write": (1, 0, 1, 0),
}
ROUNDS = 300


def table(run):
    return {row["name"]: row for row in run.last("summary")["syscalls"]}


def counted(run):
    """The same numbers from the call records."""
    rows = collections.defaultdict(collections.Counter)
    for r in run.calls():
        name = r["event"]["action"] if r["event"]["action"] in KNOWN else "unknown"
        rows[name]["calls"] += 1
        rows[name]["errors"] += r["syscall"].get("ret", 0) < 0
        rows[name][r["decision"]["action"]] += 1
    return rows


def strace_counts(script, n, box):
    path = os.path.join(h.place(), "strace")
    run = h.native(["strace", "-f", "-c", "-U", "name,calls,errors", "-o", path, h.PYTHON, script, str(n)], cwd=box)
    rows = {}
    with open(path) as text:
        for line in text:
            words = line.split()
            if len(words) >= 2 and words[1].isdigit():
                rows[words[0]] = (int(words[1]), int(words[2]) if len(words) > 2 else 0)
    return run, rows


def main():
    global KNOWN
    box = h.place()
    h.put(box, "data", "data\n")
    script = h.put(box, "calls.py", PROGRAM)
    runs = [h.proctor([h.PYTHON, script, str(n)], "--calls", "all", cwd=box) for n in (0, ROUNDS)]
    h.check("both runs end well", all(r.status == 0 for r in runs), runs)
    few, many = map(table, runs)
    KNOWN = set(many)
    for name, want in WANT.items():
        zero = collections.Counter()
        grown = {k: many[name][k] - few.get(name, zero)[k] for k in ("calls", "errors", "allow", "hide", "deny")}
        got = (grown["calls"], grown["errors"], grown["allow"], grown["hide"] + grown["deny"])
        h.equal(f"{name}: counted call by call", got, tuple(ROUNDS * w for w in want))
    records = counted(runs[1])
    wrong = {
        name: (dict(records[name]), row)
        for name, row in many.items()
        if any(records[name][k] != row[k] for k in ("calls", "errors", "allow", "hide", "deny", "kill"))
    }
    h.equal("the summary record agrees with the call records, for every system call", wrong, {})
    kinds = {name for name in many} - {r["event"]["action"] for r in runs[1].calls()} - {"unknown"}
    h.equal("no call is counted that is not recorded", kinds, set())
    numbers = {r["event"]["sequence"] for r in runs[1].calls()}
    h.check(
        "the calls that cost nothing otherwise are there: read, mmap, brk, rt_sigaction, exit_group",
        {"read", "mmap", "rt_sigaction", "exit_group", *(() if runs[1].warm else ("brk",))} <= set(many),
        sorted(many),
    )
    h.check("sequence numbers are one each", len(numbers) == len(runs[1].calls()))
    times = [row for row in many.values() if not 0 < row["time_ns"] or row["broker_ns"] > row["time_ns"]]
    h.check(
        "each has its time, and the broker's is a part of it",
        not [t for t in times if t["name"] not in ("exit_group", "exit")],
        times,
    )
    brokered = h.proctor([h.PYTHON, script, str(ROUNDS)], cwd=box)
    default = table(brokered)
    h.check(
        "in the default mode what is decided in the kernel is neither stopped nor counted",
        not {"getppid", "read", "brk", "rt_sigaction"} & set(default)
        and default["stat"]["calls"] == many["stat"]["calls"],
        sorted(default),
    )
    h.check(
        "and what is brokered is counted the same",
        all(default[n]["calls"] == many[n]["calls"] for n in ("stat", "access", "openat", "socket", "unknown")),
        default,
    )

    text = h.native([h.PROCTOR, "summary", runs[1].log_path])
    lines = [line.split() for line in text.out.decode().splitlines()]
    rows = {words[-1]: words for words in lines if len(words) > 4 and words[-1] in many}
    h.check(
        "proctor summary has a row for every system call",
        text.status == 0 and set(rows) >= set(many) - {"unknown"},
        text,
    )
    h.check(
        "in the layout of strace -c",
        lines[0][:2] == ["%", "time"] and {"seconds", "usecs/call", "calls", "errors", "syscall"} <= set(lines[0]),
        lines[0],
    )
    h.check(
        "with the same counts",
        all(str(many[n]["calls"]) in rows[n] for n in ("getppid", "stat", "openat")),
        rows.get("getppid"),
    )
    shares = [float(w[0]) for w in rows.values()]
    h.check(
        "sorted by time, the shares make a hundred",
        shares == sorted(shares, reverse=True) and 98 < sum(shares) < 102,
        sum(shares),
    )
    for key in "calls", "errors", "name", "broker", "time":
        out = h.native([h.PROCTOR, "summary", "--sort", key, "--json", runs[1].log_path])
        got = json.loads(out.out)["syscalls"]
        column = {
            "calls": lambda r: -r["calls"],
            "errors": lambda r: -r["errors"],
            "name": lambda r: r["name"],
            "broker": lambda r: -r["broker_ns"],
            "time": lambda r: -r["time_ns"],
        }[key]
        h.check(f"--sort {key}, as JSON", got and [column(r) for r in got] == sorted(map(column, got)), got[:3])
    if shutil.which("strace"):
        base, zero = strace_counts(script, 0, box)
        run, rows = strace_counts(script, ROUNDS, box)
        h.check("strace runs the program", run.status == 0, run)
        for name in "getppid", "stat", "openat", "read", "close", "write":
            got = tuple(b - a for a, b in zip(zero.get(name, (0, 0)), rows[name]))
            h.equal(
                f"strace -c counts the same: {name}",
                tuple(many[name][k] - few.get(name, collections.Counter())[k] for k in ("calls", "errors")),
                got,
            )
        # Startup too, for what nothing is hidden from.
        for name in "read", "getdents64", "rt_sigaction", "pread64", "getrandom":
            if runs[1].warm:
                h.skip(f"strace -c counts the same from exec to exit: {name}", "a warm run has no exec")
                continue
            if name == "read" and runs[1].calls(path="/proc/self/maps"):
                h.skip("strace -c counts the same from exec to exit: read", "the kernel gives /proc/self/maps in pieces")
                continue
            h.equal(
                f"strace -c counts the same from exec to exit: {name}",
                many.get(name, {}).get("calls"),
                rows.get(name, (None,))[0],
            )
    else:
        h.skip("comparison with strace -c", "strace is not installed")
    # Judge programs make up to three quarters of their calls as ioctl(TCGETS), read and write.
    lines = h.put(
        box, "lines.py", "import sys\nfor i in range(int(input())): print(int(input()) + 1); sys.stdout.flush()\n"
    )
    stops = []
    for n in 10, 2000:
        run = h.proctor([h.PYTHON, lines], stdin=b"%d\n" % n + b"5\n" * n, cwd=box)
        h.check(f"a program with {n} lines of input() and print()", run.status == 0 and run.out == b"6\n" * n, run)
        stops.append(run.last("summary")["stops"])
    h.check("not one of those calls stops for the supervisor", stops[1] - stops[0] < 20, stops)
    threads = h.put(
        box,
        "threads.py",
        "import os, threading\ndef f():\n    for i in range(200): os.getppid(); os.stat('data')\n"
        "ts = [threading.Thread(target=f) for i in range(10)]; [t.start() for t in ts]; [t.join() for t in ts]\n",
    )
    run = h.proctor([h.PYTHON, threads], "--calls", "all", cwd=box)
    h.check(
        "ten threads' calls, none lost",
        run.status == 0
        and table(run)["getppid"]["calls"] >= 2000
        and len([r for r in run.calls("getppid")]) == table(run)["getppid"]["calls"],
        run,
    )
    h.check("each thread has its own", len({r["process"]["thread"]["id"] for r in run.calls("getppid")}) == 10)
    denied = h.proctor([h.PYTHON, script, "5"], "--calls", "denied", cwd=box)
    h.check(
        "--calls denied records the refusals alone, and counts all",
        not denied.calls(decision="allow")
        and len(denied.calls("socket")) == 5
        and table(denied)["stat"]["calls"] >= 10,
        len(denied.calls()),
    )
    h.equal("no process is left", h.survivors(), [])
    h.finish()


main()
