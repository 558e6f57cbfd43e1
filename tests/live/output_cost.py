#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A limit on output stops a program at each write. What that costs is not the program's: its CPU time is told, and
limited, as without the limit, but for a little; and it hides no work of its own."""

import os
import sys

sys.dont_write_bytecode = True
import harness as h

PRINTS = "import sys\nfor i in range(20000): print(i, flush=True)\n"
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


def cpu(code, *options):
    """CPU time as it is told, in nanoseconds."""
    run = h.proctor([h.PYTHON, h.put(h.place(), "s.py", code)], *options)
    h.check(f"it runs to its end {options}", run.verdict.get("status") == "OK", run)
    return run.verdict["cpu_ns"]


# Where stops are not taken off it is 3 to 6 times as much, each time. A busy machine makes single runs dear.
start = min(cpu("pass") for _ in range(2))
ratios = []
while len(ratios) < 6 and min(ratios, default=9) > 2:
    ratios.append((cpu(PRINTS, "--output", "10M") - start) / max(cpu(PRINTS) - start, 1))
h.check("flushed prints cost what they cost without a limit on output", min(ratios) <= 2, ratios)
run = h.proctor([h.PYTHON, h.put(h.place(), "s.py", WORKS)], "--output", "10M", "--cpu", "500ms", "--wall", "60s")
h.check("and work is found among them", run.verdict.get("status") == "TO" and run.verdict["limit"]["name"] == "cpu", run)
h.finish()
