#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A limit on output stops a program at each write. What that costs is not the program's: its CPU time is told, and
limited, as without the limit, but for a little; and it hides no work of its own."""

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
h.finish()
