#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What does it cost that proctor reads the exception that ends a program?

    bench/ending.py --proctor ./proctor [--rounds 500] [--python /usr/bin/python3]

Two programs, of which one ends well and one by an exception, run with and without Python stacks, in turn, every other
round backwards. Without stacks nobody asks for the exception; but stacks of refusals are not read either, and a traceback
takes calls of its own. Both are in both programs, or in both ways to run them, so the difference of the differences is
the reading. Its median and mean (without the outer tenths) are printed, in ms, as CPU and as elapsed time.
"""
import argparse
import os
import resource
import statistics
import subprocess
import tempfile
import time

PROGRAM = "def f(n):\n    if n: return f(n - 1)\n    return {0: 0}[%d]\nf(3)\n"


def took(argv):
    """CPU and elapsed time of ARGV, in ms."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    elapsed, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3, elapsed * 1e3


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--proctor", default="./proctor")
    p.add_argument("--python", default="/usr/bin/python3")
    p.add_argument("--rounds", type=int, default=500)
    o = p.parse_args()
    with tempfile.TemporaryDirectory() as place:
        programs = [os.path.join(place, name) for name in ("raises.py", "ends.py")]
        for path, key in zip(programs, (1, 0)):
            with open(path, "w", encoding="utf-8") as f:
                f.write(PROGRAM % key)
        ways = [[o.proctor, "run", "-q", "--python", o.python, "-o", "/dev/null", "--stack", stack, path]
                for path in programs for stack in ("python", "none")]
        times = [[] for _ in ways]
        for n in range(o.rounds):
            for i in range(len(ways)) if n % 2 else reversed(range(len(ways))):
                times[i].append(took(ways[i]))
    for kind, what in enumerate(("CPU time", "elapsed")):
        raised, blind, ended, as_blind = ([t[kind] for t in one] for one in times)
        reading = sorted(a - b - (c - d) for a, b, c, d in zip(raised, blind, ended, as_blind))
        tenth = len(reading) // 10
        print(f"{what}: a run that ends well {statistics.median(ended):.2f} ms, by an exception {statistics.median(raised):.2f}; "
              f"its reading {statistics.median(reading):.3f}, mean {statistics.mean(reading[tenth:len(reading) - tenth]):.3f}")


main()
