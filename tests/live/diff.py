#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Two runs of the same program have no difference, whatever threads, time and lots make of them; of two different ones
it is named what a person would name."""
import json
import os
import re
import shutil

import harness as h
from harness import PROCTOR, PYTHON, check, equal, finish, place, put, title

BASE = place()
PUT = put(BASE, "outside/plain", "x")
put(BASE, "outside/more", "x")
SAME = {
    "nothing": "pass",
    "random names": "import random\nfor i in range(30):\n    try: open(OUT + '/tmp' + ''.join(random.choices('abcdefghijklmnopqrstuvwxyz0123456789_', k=8)))\n"
                    "    except OSError: pass",
    "uuids": "import uuid\nfor i in range(9): os.path.exists(OUT + '/%s.txt' % uuid.uuid4())",
    "its process id": "os.path.exists(OUT + '/run-%d.lock' % os.getpid())",
    "threads that wait": "import threading, time\nl = threading.Lock()\ndef f():\n    for i in range(50):\n        with l: time.sleep(0.0001)\n"
                         "    open(OUT + '/plain').close()\nts = [threading.Thread(target=f) for _ in range(6)]\n[t.start() for t in ts]; [t.join() for t in ts]",
    "threads that are refused": "import threading\ndef f(i):\n    try: open('/etc/shadow%d' % (i % 3))\n    except OSError: pass\n"
                                "ts = [threading.Thread(target=f, args=(i,)) for i in range(9)]\n[t.start() for t in ts]; [t.join() for t in ts]",
    "sets": "for n in {str(i) for i in range(40)}: os.path.exists(OUT + '/' + n)",
    "an exception": "1 / 0",
    "imports": "import asyncio, csv, decimal, json, logging, re, unittest",
    "select with a timeout": "import select\nfor i in range(20): select.select([], [], [], 0.001)",
}


def script(directory, body):
    return put(directory, "solve.py", f"import os, sys\nOUT = {os.path.dirname(PUT)!r}\n{body}\n")


def run(path, *options):
    return h.proctor([PYTHON, path], "-q", "-r", os.path.dirname(PUT), *options)


def diff(a, b, *options):
    return h.finished([PROCTOR, "diff", *options, a.log_path, b.log_path], None, None, b"", None, 60, {})


def the_same():
    for number, (name, body) in enumerate(SAME.items()):
        one, two = (script(os.path.join(BASE, f"{number}-{side}"), body) for side in "ab")
        first, second = run(one), run(two)
        got = diff(first, second)
        check(f"no difference: {name}", got.status == 0 and not got.out and not got.err, got)
        got = diff(first, run(one, "--calls", "all"))
        check(f"and calls that every program may make are none: {name}", got.status == 0 and not got.out, got)


def different():
    base = "try: open('/etc/shadow')\nexcept OSError: pass\nfor i in range(3): open(OUT + '/plain').close()\n"
    first = run(script(os.path.join(BASE, "first"), base))
    second = run(script(os.path.join(BASE, "second"), base.replace("range(3)", "range(5)") +
                        "try: open('/etc/passwd')\nexcept OSError: pass\nos.path.exists(OUT + '/report-january')\nsys.exit(3)"))
    got = diff(first, second)
    lines = [line.replace(" newfstatat ", " stat ") for line in got.out.decode().splitlines()]
    equal("what it did more, again, and how it ended are named, and nothing else", (got.status, lines), (1, [
        "end: OK, ended normally -> RE, ended with an error, exit status 3",
        "+ deny openat /etc/passwd = EACCES  x1  solve.py:6",
        f"~ allow openat {OUT}/plain  x3 -> x5",
        f"+ allow stat {OUT}/report-january = ENOENT  x1",
    ]))
    back = diff(second, first).out.decode().splitlines()
    equal("the other way round it is the reverse", [line[0] for line in back[1:]], ["-", "~", "-"])
    moved = run(script(os.path.join(BASE, "moved"), "\n" + base))
    equal("a refusal at another line is one", diff(first, moved).out.decode().splitlines(),
          ["~ deny openat /etc/shadow = EACCES  x1  solve.py:3 -> solve.py:4"])
    stricter = h.proctor([PYTHON, os.path.join(BASE, "first/solve.py")], "-q")
    lines = diff(first, stricter).out.decode().splitlines()
    check("another decision is named", f"+ deny openat {OUT}/plain = EACCES  x1  solve.py:5" in lines and
          f"- allow openat {OUT}/plain  x3" in lines, lines)
    words = [run(script(os.path.join(BASE, "w" + name), f"os.path.exists(OUT + '/{name}')")) for name in ("january", "october", "2024-12-31",
                                                                                                       "2025-01-05")]
    check("words and dates are no lots", diff(words[0], words[1]).status == 1 and diff(words[2], words[3]).status == 1)
    got = json.loads(diff(first, second, "--json").out)
    equal("JSON says the same", (got["schema"], got["end"]["second"], [c["change"] for c in got["changes"]]),
          ("proctor.diff/1", "RE, ended with an error, exit status 3", ["added", "changed", "added"]))
    limit = run(script(os.path.join(BASE, "limit"), "while True: pass"), "--cpu", "300ms")
    check("a limit is a cause", diff(first, limit).out.startswith(b"end: OK, ended normally -> TO, ended by a time limit"),
          diff(first, limit))


# Two programs, how they are run, and what a person who reads them says is different: the lines and what JSON has of them.
COMMON = "import _thread, socket, time\nopen(OUT + '/plain').read()\n"
LOOP = "def one():\n    while True: pass\ndef other():\n    while True: pass\n"
PAIRS = {
    "reads one more file": (COMMON, COMMON + "open(OUT + '/more').read()\n", (), ["+ allow openat {out}/more  x1"]),
    "reads it more often": (COMMON, COMMON * 2, (), ["~ allow openat {out}/plain  x1 -> x2"]),
    "reads another one": (COMMON.replace("plain", "more"), COMMON, (), ["- allow openat {out}/more  x1", "+ allow openat {out}/plain  x1"]),
    "opens a socket": (COMMON, COMMON + "try: socket.socket()\nexcept OSError: pass\n", (), ["+ deny socket = EACCES  x1  solve.py:5"]),
    "reaches a server": (COMMON, COMMON + "try: socket.socket().connect((b'127.0.0.1', 1))\nexcept OSError: pass\n", ("--connect", "127.0.0.1:9"),
                         ["+ deny connect = EACCES  x1  solve.py:5"]),
    "dies otherwise": (COMMON + "int('x')\n", COMMON + "[][1]\n", (),
                       ["end: RE, ended with an error, exit status 1, ValueError at solve.py:5 -> "
                        "RE, ended with an error, exit status 1, IndexError at solve.py:5"]),
    "dies of the same at another line": (COMMON + "int('x')\n", COMMON + "\nint('x')\n", (),
                       ["end: RE, ended with an error, exit status 1, ValueError at solve.py:5 -> "
                        "RE, ended with an error, exit status 1, ValueError at solve.py:6"]),
    "ends itself": (COMMON, COMMON + "os.kill(os.getpid(), 9)\n", (), ["end: OK, ended normally -> SG, ended by a signal, SIGKILL"]),
    "spends its time in another line": (LOOP + "one()\n", LOOP + "other()\n", ("--cpu", "300ms", "--profile=500"),
                                        ["profile: solve.py:4  NN% -> 0%", "profile: solve.py:6  0% -> NN%"]),
    "uses a thread": (COMMON, COMMON + "l = _thread.allocate_lock(); l.acquire(); _thread.start_new_thread(l.release, ()); l.acquire()\n", (),
                      ["threads or processes: one -> several"]),
    "makes a process": (COMMON, COMMON + "os.waitpid(os.fork() or os._exit(0), 0)\n", ("--process", "fork"),
                        ["threads or processes: one -> several"]),
    "makes none, for it may not": (COMMON, COMMON + "try: os.fork()\nexcept OSError: pass\n", (), ["+ deny clone = EACCES  x1  solve.py:5"]),
    "imports a module": (COMMON, COMMON + "import colorsys\n", (), ["+ modules colorsys"]),
    "imports another one": (COMMON + "import this\n", COMMON + "import colorsys\n", (),
                            ["- modules this", "+ modules colorsys"]),
    "leaves out a look": (COMMON + "os.path.exists(OUT + '/january')\n", COMMON, (), ["- allow stat {out}/january = ENOENT  x1"]),
}

# CPython 3.12 and newer asks how many threads there are.
AT_A_FORK = "+ allow openat /proc/self/stat  x1"


def pairs():
    for number, (name, (a, b, options, wanted)) in enumerate(PAIRS.items()):
        first, second = (run(script(os.path.join(BASE, f"pair-{number}-{side}"), body), *options) for side, body in (("a", a), ("b", b)))
        got, told = diff(first, second), json.loads(diff(first, second, "--json").out)
        lines = [re.sub(r"\b(9\d|100)%", "NN%", line.replace(" newfstatat ", " stat ")) for line in got.out.decode().splitlines()]
        equal(f"{name}: JSON says as much", json_lines(told), lines)
        lines = [line for line in lines if line != AT_A_FORK]
        equal(f"{name}: that is named, and nothing else", (got.status, lines), (1, [line.format(out=OUT) for line in wanted]))


def json_lines(told):
    """The lines that the JSON document says."""
    def ends(what):
        return "{first} -> {second}".format(**told[what])
    lines = ["end: " + ends("end")] if told["end"]["first"] != told["end"]["second"] else []
    lines += ["threads or processes: " + ends("tasks")] if told["tasks"]["first"] != told["tasks"]["second"] else []
    lines += ["profile: {code}  {first}% -> {second}%".format(**line) for line in told["profile"]]
    for c in told["changes"]:
        count = " -> ".join("x%d" % n for n in (c["first"], c["second"]) if n) if c["change"] == "changed" else "x%d" % (c["first"] or c["second"])
        code = c["first_code"] or c["second_code"]
        lines.append("%s %s  %s%s" % ({"added": "+", "gone": "-", "changed": "~"}[c["change"]], c["call"], count, "  " + code if code else ""))
    lines += ["%s modules %s" % (sign, ", ".join(told["modules"][which])) for sign, which in (("-", "gone"), ("+", "added")) if told["modules"][which]]
    return [re.sub(r"\b(9\d|100)%", "NN%", line.replace(" newfstatat ", " stat ")) for line in lines]


def logs():
    first = run(script(os.path.join(BASE, "logs"), "pass"))
    cut = shutil.copy(first.log_path, os.path.join(BASE, "cut.jsonl"))
    os.truncate(cut, os.path.getsize(cut) - 20)
    got = h.finished([PROCTOR, "diff", first.log_path, cut], None, None, b"", None, 60, {})
    check("a log that is not whole is told and exits 1", got.status == 1 and b"no end record" in got.out, got)
    text = put(BASE, "text", "hello\n")
    for words, status in (([first.log_path, text], 65), ([first.log_path, BASE + "/gone"], 66), ([], 64), ([first.log_path], 64),
                          (["--frob", first.log_path, first.log_path], 64)):
        got = h.finished([PROCTOR, "diff", *words], None, None, b"", None, 60, {})
        check(f"exit {status}: {len(words)} words", got.status == status and got.err, got)
    evil = [json.dumps({"v": 1, "kind": "call", "event": {"sequence": 1, "action": "open\x9b\u202e"}, "decision": {"action": "de ny\x1b"},
                        "syscall": {"errno": "E\x1b"}, "file": {"path": "/x\x1b[2J\u202e"}})]
    got = h.finished([PROCTOR, "diff", first.log_path, put(BASE, "evil.jsonl", "\n".join(evil) + "\n")], None, None, b"", None, 60, {})
    text = got.out.decode()
    check("a hostile log is told in plain characters", got.status == 1 and all(c == "\n" or c.isprintable() for c in text) and
          "\u202e" not in text, got)


OUT = os.path.dirname(PUT)
for part in the_same, different, pairs, logs:
    title(part.__name__.replace("_", " "))
    part()
finish()
