#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A record tells of its own call and of no other: no file that an earlier call named, a result for each call
that returned, a record for each call that was made or had to wait.
"""

import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
import harness as h

# Each call comes right behind a stat of a file that it does not name.
PROBE = r"""
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
here = os.getcwd()
planted = os.path.join(here, "planted")
texts = {
    "long": b"q" * 5000, "empty": b"", "name": os.fsencode(here) + b"/" + b"n" * 300, "relative": b"relative",
    "good": os.fsencode(here) + b"/good",
}
buffers = {k: ctypes.create_string_buffer(v) for k, v in texts.items()}
def address(kind):
    return {"null": 0, "eight": 8, "kernel": -4096}.get(kind) if kind not in buffers else ctypes.addressof(buffers[kind])
n = 0
for line in sys.stdin:
    nr, _, kinds = line.strip().partition(" ")
    for variant in "null eight kernel long empty name relative flags".split():
        args = []
        for kind in kinds.split():
            if kind == "PATH":
                args.append(address("good" if variant == "flags" else variant))
            elif kind == "DIRFD":
                args.append(-100 if variant in ("name", "flags") else 77777)
            elif variant == "flags" and kind in ("AT_FLAGS", "INT", "UINT", "HEX", "MODE", "ARG_OPEN_FLAGS", "ARG_AT_FLAGS"):
                args.append(0x7f0f0f0f)
            else:
                args.append(0)
        args = [ctypes.c_long(a) for a in args]
        os.stat(planted)
        libc.syscall(ctypes.c_long(int(nr)), *args)
        n += 1
print(n, flush=True)
"""


def stale_paths():
    h.title("no record names a file of another call")
    box = h.place()
    for name in "planted", "good", "relative":
        h.put(box, name, name)
    asked = [(nr, name, kinds) for nr, name, kinds in h.rows() if {"PATH", "DIRFD"} & set(kinds)]
    lines = "".join(f"{nr} {' '.join(kinds)}\n" for nr, _, kinds in asked)
    script = h.put(h.place(), "probe.py", PROBE)
    run = h.proctor([h.PYTHON, script], "-r", box, stdin=lines.encode(), cwd=box, timeout=120)
    h.equal("the probe made each call", run.out.split(), [str(8 * len(asked)).encode()])
    planted = os.path.join(box, "planted")
    own = {os.path.join(box, name) for name in ("good", "relative", "n" * 300)}
    numbers = {nr for nr, _, _ in asked}
    calls = [r for r in run.records if r["kind"] == "call"]
    wrong, seen, undecided = [], set(), 0
    for before, record in zip(calls, calls[1:]):
        nr = record["syscall"]["nr"]
        if before.get("file", {}).get("path") != planted or nr not in numbers:
            continue
        seen.add(nr)
        path = record.get("file", {}).get("path")
        none = record["decision"]["action"] == "none"
        undecided += none
        if path is not None and path not in own:
            wrong.append((record["event"]["action"], record["syscall"]["args"], path))
        if none and ("rule" in record or path or record["event"]["type"] != ["error"]):
            wrong.append(record)
        if record["event"]["type"] == ["error"] and not none:
            wrong.append(record)
    h.equal("each row with a path or a directory was tried", sorted(numbers - seen), [])
    h.check("calls that failed before anything was decided say so", undecided > 100, undecided)
    h.equal("no record names a file of another call", wrong[:3], [])
    summary = {s["name"]: s for s in run.last("summary")["syscalls"]}
    stat = summary["newfstatat"]
    h.check("what was not decided is not counted as decided", stat["allow"] + stat["hide"] + stat["deny"] < stat["calls"], stat)
    again = subprocess.run(
        [h.PROCTOR, "policy", "test", "-r", box, "pure", run.log_path],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=h.clean_env(), timeout=60,
    )  # fmt: skip
    h.check("the log's own policy decides the same", b" would be decided otherwise" in again.stdout and again.stdout.splitlines()[-1].startswith(b"0 of "), again.stdout)


EFFECTS = """
import os, sys, time, threading
r, w = os.pipe()
os.write(w, b'hello')
try: os.write(99, b'x')
except OSError: pass
os.writev(w, [b'a', b'bc'])
time.clock_gettime(time.pthread_getcpuclockid(threading.get_ident()))
os.sched_getaffinity(0)
print(os.read(r, 100))
"""


def results():
    h.title("what returned has its result")
    for options in ("--output", "1MB"), ("--output", "1MB", "--calls", "all"), ("--calls", "all"), ():
        run = h.proctor([h.PYTHON, "-c", EFFECTS], *options)
        unknown = [(r["event"]["action"]) for r in run.calls() if r["event"]["outcome"] == "unknown"]
        h.check(f"outcomes {options}", run.status == 0 and set(unknown) <= {"exit_group", "exit", "rt_sigreturn"}, unknown, run)


FSTATS = """
import os, sys
def tried(fd):
    try: return tuple(os.fstat(fd))[:7]
    except OSError as error: return error.errno
fd = os.open(sys.argv[1], os.O_RDONLY)
for _ in range(100): tried(fd)
print(tried(fd), tried(1)[1] > 0, tried(77777), tried(-1))
"""


# The same code in a file, mapped privately and shared, and called there by a thread of its own too.
OWN_FSTAT = """
import ctypes, mmap, os, sys, threading
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
fd = os.open(sys.argv[1], os.O_RDONLY)
code = os.pread(fd, 4096, 0)
def call(flags):
    at = libc.mmap(None, 4096, mmap.PROT_READ | mmap.PROT_EXEC, flags, fd, 0)
    if at in (None, 2**64 - 1):
        return print("not mapped")
    function, st = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p)(at + 64), ctypes.create_string_buffer(144)
    size = [(function(fd, st), int.from_bytes(st.raw[48:56], "little")) for _ in range(20)]
    same = ctypes.string_at(at, 4096) == code
    print(set(size) == {(0, 4096)}, same if flags == mmap.MAP_SHARED else "")
for flags in mmap.MAP_PRIVATE, mmap.MAP_SHARED:
    call(flags)
thread = threading.Thread(target=call, args=(mmap.MAP_PRIVATE,))
thread.start()
thread.join()
"""


def own_fstat():
    """Code that looks like the C library's and lies elsewhere: a program changes nothing but its own memory by it."""
    code = bytearray(4096)
    code[64:102] = bytes.fromhex("4889f285ff7819b900100000488d35b5ffffffe9480000000f1f840000000000b8f7ffffffc3")
    code[160:171] = bytes.fromhex("4189cab8060100000f05c3")
    file = h.put(h.place(), "code", bytes(code))
    run = h.proctor([h.PYTHON, "-c", OWN_FSTAT, file], "-r", file)
    h.equal("code of its own", run.out.decode().splitlines(), ["True ", "True True", "True "])
    h.check("the file is the same", open(file, "rb").read() == code)


def fstats():
    h.title("fstat(3) is fstat(2), where the C library makes it another call")
    file = h.put(h.place(), "file", "x" * 1000)
    never = h.put(h.place(), "never.yaml", f"version: 1\nextends: builtin:python\nread: [{file}]\nnever: [fstat]\n")
    libc = [line.split()[-1] for line in open("/proc/self/maps", encoding="ascii") if "/libc.so.6" in line or "/libc-2." in line]
    code = open(libc[0], "rb").read() if libc and h.PYTHON == h.SYSTEM_PYTHON else b""
    is_long = re.search(rb"\x48\x89\xf2\x85\xff\x78\x19\xb9\x00\x10\x00\x00\x48\x8d\x35....\xe9....\x0f\x1f\x84\x00", code, re.S)
    many = {}
    # Python does without fstat(2) only where the C library does.
    for options in ("-r", file), ("-r", file, "--calls", "all"), *([("-p", never)] if is_long else []):
        run = h.proctor([h.PYTHON, "-c", FSTATS, file], *options)
        many[options] = len([r for r in run.calls("newfstatat") if r["syscall"]["args"][1] == '""'])
        st = tuple(os.stat(file))[:7]
        h.equal(f"what it says {options}", run.out.decode().split("\n")[0], f"{st} True 9 9")
    if is_long:
        few, every, forbidden = many.values()
        h.check("it does not stop", few < 8, many)
        h.check("but where all calls do, and where fstat(2) is forbidden", every > 100 and forbidden > 100, many)
    else:
        h.skip("whether it stops", "this C library's fstat(3) is laid out otherwise")


WAITING = """
import ctypes, threading, time
libc = ctypes.CDLL(None)
threading.Thread(target=libc.write, args=(1, b'A' * 200000, 200000), daemon=True).start()
time.sleep(0.3)
threading.Thread(target=libc.write, args=(1, b'B' * 1234, 1234), daemon=True).start()
time.sleep(60)
"""


def waiting():
    h.title("a write that waits when the run ends")
    child = h.start([h.PYTHON, "-c", WAITING], "--output", "100KB", "--wall", "1s", stdout=subprocess.PIPE)
    child.wait(timeout=30)  # nobody reads meanwhile
    run = h.ended(child)
    waits = [r for r in run.calls("write") if r["decision"]["how"] == "wait"]
    h.equal("it is recorded, as never made", [(r["syscall"]["args"][2], r["event"]["outcome"], "ret" in r["syscall"]) for r in waits], [("1234", "unknown", False)])
    h.check("nothing of it came out", b"B" not in run.out)
    h.equal("the limit ended the run", run.verdict.get("status"), "TO")


VSYSCALL = """
import ctypes, sys, time
now = ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_void_p)(0xffffffffff600400)
day = ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)(0xffffffffff600000)
cell, pair = ctypes.c_long(0), (ctypes.c_long * 2)()
before = int(time.time()) - 1
for _ in range(int(sys.argv[1])):
    x = now(None)
assert before <= x <= before + 600, x
assert now(ctypes.byref(cell)) == cell.value
assert day(ctypes.byref(pair), None) == 0 and before <= pair[0] and 0 <= pair[1] < 1000000
print('done')
"""


def vsyscall():
    h.title("the page of old calls")
    with open("/proc/self/maps") as maps:
        if "[vsyscall]" not in maps.read():
            h.skip("calls at the vsyscall page", "this kernel has none")
            return
    n = 20000
    run = h.proctor([h.PYTHON, "-c", VSYSCALL, str(n)], "--calls", "all", "--memory", "64MiB", timeout=120)
    h.equal("the calls are answered", (run.status, run.out), (0, b"done\n"))
    calls = run.calls("time")
    h.equal("each is recorded with its result", (len([r for r in calls if r["syscall"].get("ret", 0) > 0]) >= n, {r["event"]["outcome"] for r in calls}), (True, {"success"}))
    run = h.proctor([h.PYTHON, "-c", VSYSCALL, "5"])
    h.equal("and without --calls all", (run.status, run.out), (0, b"done\n"))


stale_paths()
results()
waiting()
fstats()
own_fstat()
vsyscall()
h.check("nothing is left running", not h.survivors(5))
h.finish()
