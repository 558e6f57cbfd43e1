#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A limit on output stops a program at each write. What that costs is not the program's: its CPU time is told, and
limited, as without the limit, but for a little; and it hides no work of its own. Writes of one thread are counted after
they were made, by what the kernel says: as exactly as those that are waited for."""

import os
import sys

sys.dont_write_bytecode = True
import harness as h

# What it used itself, stops and all, the program says at its end.
PRINTS = "import sys, time\nfor i in range(20000): print(i, flush=True)\nprint(time.process_time_ns(), file=sys.stderr)\n"
# A write that makes the supervisor work more than a stop does, and a program that works beside it.
WORKS = """
import ctypes, os, time
libc = ctypes.CDLL(None)
parts = (ctypes.c_uint64 * 2048)()
parts[2046], parts[2047] = ctypes.addressof(ctypes.create_string_buffer(b'x')), 1
end = time.process_time() + 2
n = 0
while time.process_time() < end:
    libc.writev(1, parts, 1024)
    n += 1
"""

# Few bytes come of what it asks for: many times as many as it may write.
ASKS = """
import ctypes, mmap, os, sys, threading
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
page = libc.mmap(None, 8192, 3, 0x22, -1, 0)
libc.munmap(ctypes.c_void_p(page + 4096), 4096)
ctypes.memset(page, 120, 4096)
write = lambda fd, at, n: libc.write(fd, ctypes.c_void_p(page + at), n)
r, w = os.pipe()
null = os.open('/dev/null', os.O_WRONLY)
out = 0
for i in range(400):
    write(1, 4096, 5000)                     # EFAULT
    out += max(write(1, 4091, 100), 0)       # the five that are there, or EFAULT
    out += write(1, 0, 1)
    write(null, 0, 4096)
    os.write(w, b'1234'); os.read(r, 4)
    out += write(1, 0, 0)
    if i % 40 == 0:
        os.dup2(1, 9); out += write(9, 0, 2); os.dup2(null, 9); write(9, 0, 2)
    if i % 100 == 0:
        thread = threading.Thread(target=write, args=(1, 0, 3)); thread.start(); thread.join(); out += 3
    if i % 200 == 0 and FORKS:
        out += 7
        if os.fork() == 0:
            write(1, 0, 3); write(1, 0, 4); os._exit(0)
        os.wait()
sys.stderr.write(str(out))
"""
ENDLESS = """
import os
n = 0
while True: n += os.write(1, b'x' * 7); os.write(2, b'')
"""


def prints(*options):
    """The run of PRINTS, and the CPU time in nanoseconds that it has seen itself."""
    run = h.proctor([h.PYTHON, h.put(h.place(), "s.py", PRINTS)], *options)
    h.check(f"it runs to its end {options}", run.verdict.get("status") == "OK", run)
    return run, int(run.err.decode().split()[-1])


run, own = prints("--output", "10M")
h.check("the stops for writes that are counted are taken off what flushed prints took", run.verdict["cpu_ns"] < own,
        run.verdict["cpu_ns"], own)
run, own = prints()
h.check("and nothing is without a limit on output", run.verdict["cpu_ns"] >= own, run.verdict["cpu_ns"], own)
run = h.proctor([h.PYTHON, h.put(h.place(), "s.py", WORKS)], "--output", "10M", "--cpu", "500ms", "--wall", "60s")
h.check("and work is found among them", run.verdict.get("status") == "TO" and run.verdict["limit"]["name"] == "cpu", run)
for forks in (0, 1):
    run = h.proctor([h.PYTHON, h.put(h.place(), "s.py", ASKS.replace("FORKS", str(forks)))], "--output", "20k",
                    *["--process", "fork"][:2 * forks])
    h.check(f"what a program only asks for does not count, and what it wrote does, forks {forks}",
            run.verdict.get("status") == "OK" and run.verdict["output_bytes"] == len(run.out) + len(run.err) and
            run.err == str(len(run.out)).encode(), run.verdict, len(run.out), run.err)
run = h.proctor([h.PYTHON, h.put(h.place(), "s.py", ENDLESS)], "--output", "10000")
h.check("an endless output ends at its byte", run.verdict.get("status") == "OL" and len(run.out) == 10000 and
        run.verdict["output_bytes"] == 10000, run.verdict, len(run.out))
run = h.proctor([h.PYTHON, h.put(h.place(), "s.py", "import os\nos.write(1, b'x' * 100)\nos.kill(os.getpid(), 9)\n")],
                "--output", "10000")
h.check("what was written before a kill is counted", run.verdict.get("status") == "SG" and run.verdict["output_bytes"] == 100,
        run.verdict)
h.finish()
