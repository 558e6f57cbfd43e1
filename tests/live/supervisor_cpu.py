#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a program makes proctor work has a bound: programs that spend next to nothing themselves end at the limit
of CPU time, with words that say whose time it was; one path and the stacks of one run cost only so much; and
ordinary programs are not concerned. CPU times and their ratios are compared, not the time on the clock.
"""

import os
import subprocess
import sys

sys.dont_write_bytecode = True
import harness as h

LIMIT = 1
RATIO, FREE, WALL_SHARE = 10, 0.5, 20  # proctor-run(1), --cpu

HEAD = """
import ctypes, os, sys
sys.setrecursionlimit(20000)
libc = ctypes.CDLL(None)
"""

# Each refusal is 250 frames deep, and each frame's line table has a quarter of a megabyte.
TABLES = (
    HEAD
    + r"""
fs, space = [], {}
space.update(fs=fs, libc=libc)
new = sys.version_info >= (3, 10)
table = bytes([0xef, 0] if sys.version_info >= (3, 11) else [0, 1]) * 130000
for i in range(250):
    exec("def f(n):\n" + "  x=1\n" * 3 + "  return fs[n+1](n+1)\n", space)
    f = space["f"]
    f.__code__ = f.__code__.replace(co_name="f%d" % i, **{"co_linetable" if new else "co_lnotab": table[:262000]})
    fs.append(f)
def last(n):
    while True: libc.syscall(41, 0, 0, 0)
fs.append(last)
fs[0](0)
"""
)

# Frames that lie on a page each.
WIDE = (
    HEAD
    + r"""
space = {"libc": libc, "count": int(sys.argv[1]) if len(sys.argv) > 1 else 1 << 60}
names = " = ".join("v%d" % i for i in range(600))
exec("def f(n):\n if n: return f(n - 1)\n i = 0\n while i < count:\n  libc.syscall(41, 0, i, 0); i += 1\n %s = 0\n"
     % names, space)
f = space["f"]
f(3000)
"""
)

# Down a tree of 1000 directories and then up and down at its end.
DOTS = (
    HEAD
    + r"""
count, path = int(sys.argv[1]), "a/" * 1000 + ("a/../" if sys.argv[2] == "dots" else "./././") * 330
os.chdir(sys.argv[3])
i = 0
while i != count:
    try: os.stat(path)
    except OSError: pass
    i += 1
"""
)


def measured(words, *options):
    """A run, and the CPU time in seconds of the program and of proctor."""
    argv, log, verdict = h.command(words, *options)
    child = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=h.clean_env())
    # Both are short: a pipe holds them.
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    run = h.Run(child.returncode, child.stdout.read(), child.stderr.read(), 0, log, verdict)
    program = run.verdict.get("cpu_ns", 0) / 1e9
    return run, program, max(usage.ru_utime + usage.ru_stime - (0 if run.warm else program), 0)


def hostile(title, words, *options):
    run, program, ours = measured(words, "--cpu", f"{LIMIT}s", "--wall", "50s", *options)
    limit, wall = run.verdict.get("limit") or {}, run.verdict.get("wall_ns", 0) / 1e9
    h.check(
        f"{title}: ends at the limit of CPU time ({program:.2f} s, proctor {ours:.2f} s)",
        (run.verdict.get("status"), limit.get("name")) == ("TO", "cpu"),
        run,
    )
    # A tick is 50 ms; what is done between two of them and at the end comes on top.
    bound = LIMIT + RATIO * program + FREE + wall / WALL_SHARE
    h.check(f"{title}: proctor has not worked more than the pages say", ours < 1.3 * bound + 0.5, ours, bound)
    if program > LIMIT * 0.9:
        h.skip(f"{title}: whose time it was", "a busy machine: the program has used all of it while it made itself ready")
        return
    if not h.check(f"{title}: the verdict says how much of it was proctor's", limit.get("supervisor_ns", 0) > 0, limit):
        return
    h.check(f"{title}: no more than what was used", limit["supervisor_ns"] < limit["used"], limit)
    end = run.last("end") or {}
    h.equal(f"{title}: so does the log", end.get("limit", {}).get("supervisor_ns"), limit["supervisor_ns"])
    messages = run.verdict["messages"]
    h.check(f"{title}: and so do its words", "proctor work" in messages["staff"], messages)
    h.check(f"{title}: also to the student", "work that its system calls" in messages["student"], messages)
    told = subprocess.run([h.PROCTOR, "explain", run.log_path], stdout=subprocess.PIPE, timeout=60).stdout.decode()
    h.check(f"{title}: and explain", "proctor work" in told, told[:1500])


def make_tree(box):
    """1001 directories within each other, too deep for one path."""
    at = os.open(box, os.O_RDONLY)
    for _ in range(1001):
        os.mkdir("a", dir_fd=at)
        below = os.open("a", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(at)


def remove_tree(box):
    subprocess.run(["rm", "-rf", box + "/a"], check=False)


def one_path(box, script):
    """Many times "..": what 100 calls cost, against the same number of plain ones of that length and depth."""
    base = measured([h.PYTHON, script, "0", "plain", box], "-r", box)[2]
    plain = measured([h.PYTHON, script, "300", "plain", box], "-r", box)[2] - base
    dots = (measured([h.PYTHON, script, "100", "dots", box], "-r", box)[2] - base) * 3
    ratio = dots / max(plain, 0.01)
    h.check(f'a path of 330 times "..", 1000 deep, costs proctor not much more than its length ({ratio:.0f} times)',
            ratio < 60, dots, plain)


def stacks(box):
    count = 3000
    run, program, ours = measured([h.PYTHON, h.put(box, "some.py", WIDE), str(count)], "--wall", "50s")
    notes = [r["stack"].get("python_note") or "" for r in run.calls("socket")]
    h.check("expensive stacks: every refusal is recorded", len(notes) == count and run.status == 0, len(notes), run)
    h.check(f"expensive stacks: they are cheap, or are cut short in the end ({ours / count * 1e3:.2f} ms each)",
            ours < 1.5 + count * 0.0013 or "used up" in notes[-1], notes[0], notes[-1])
    told = sum(r.get("code", {}).get("function.name") == "f" for r in run.calls("socket"))
    h.check("expensive stacks: they say the line of their call all the same", told > 0.9 * count, told)
    h.check("expensive stacks: the first of them is read in full", "used up" not in notes[0], notes[0])


HONEST = {
    "30,000 stats": "import os\nfor i in range(30000): os.stat('/dev/null')",
    "10,000 refusals": "import os\nfor i in range(10000):\n try: os.mkdir('/nothing')\n except OSError: pass",
    "imports": "import asyncio, unittest, json, decimal, http.client, email.message",
    "a sleeper under a memory limit": "import time\ntime.sleep(2)",
}


def honest():
    for title, text in HONEST.items():
        run, program, ours = measured([h.PYTHON, "-c", text], "--cpu", "3s", "--memory", "64MiB")
        h.check(f"{title}: not concerned ({program:.2f} s, proctor {ours:.2f} s)", run.verdict.get("status") == "OK", run)
        summary = run.last("summary") or {}
        h.check(
            f"{title}: the summary says what proctor worked",
            0 < summary.get("supervisor_ns", 0) <= (ours + 0.1) * 1e9,
            summary.get("supervisor_ns"),
            ours,
        )


def main():
    box = h.place()
    tree = h.place()
    script = h.put(box, "dots.py", DOTS)
    make_tree(tree)
    try:
        hostile("line tables", [h.PYTHON, h.put(box, "tables.py", TABLES)])
        hostile("frames on many pages", [h.PYTHON, h.put(box, "wide.py", WIDE)])
        hostile("ways up and down", [h.PYTHON, script, "-1", "dots", tree], "-r", tree)
        one_path(tree, script)
    finally:
        remove_tree(tree)
    stacks(box)
    honest()
    h.finish()


main()
