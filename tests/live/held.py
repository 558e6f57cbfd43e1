#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A program that crosses its limit of memory is told what its frames held then, as it was, on each interpreter; one that
forges its objects misleads nobody for long, and what a student reads names no path outside the submission.
"""

import json
import os
import sys
import time

sys.dont_write_bytecode = True
import harness as h
from schema import offences

# What is told of each: (variable, type, items or bytes, line of the frame).
KNOWN = """import collections
class Class:
    def __init__(self):
        self.rows = [None] * 300000
        self.few = [1, 2]
    def fill(self, most):
        cut = {n: n for n in range(200000)}
        def inner():
            queue = collections.deque(range(most))
            blob = bytearray(30 << 20)
            return bytearray(1 << 30) + blob + cut
        inner()
Class().fill(1 << 20)
"""
KNOWN_HELD = {("queue", "collections.deque", 1 << 20), ("blob", "bytearray", 30 << 20), ("cut", "dict", 200000)}

OWN = """class Class: pass
own = Class()
own.rows = [None] * 3000000
table = {str(n): [n] * 20 for n in range(100000)}
def work():
    global blob
    blob = b'x' * (30 << 20)
    return bytearray(1 << 30)
work()
"""
OWN_HELD = {("blob", "bytes", 30 << 20), ("own.rows", "list", 3000000), ("table", "dict", 100000)}

# A thread that holds much, one that changes what it holds all the time, and a first one that waits.
THREADS = """import threading
def busy():
    def other(n): text = 'x' * n; return text[1:]
    while True:
        keep = bytearray(2 << 20)
        for n in range(1000): other(n)
def work(most):
    rows = [None] * most
    blob = bytearray(30 << 20)
    return bytearray(1 << 30) + blob
threading.Thread(target=busy, daemon=True).start()
thread = threading.Thread(target=work, args=(1000000,))
thread.start()
thread.join()
"""
THREADS_HELD = {("rows", "list", 1000000), ("blob", "bytearray", 30 << 20)}

# A list by two names, in a library's frame and the program's.
LIBRARY = """import bisect, sys
class Key:
    def __lt__(self, other):
        self.blob = bytearray(30 << 20)
        return bytearray(1 << 30)
keys = [Key()] * 500000
bisect.insort_left(keys, Key())
"""

FORGED = """import ctypes
def forge(object, where, value): ctypes.c_uint64.from_address(id(object) + where).value = value
rows, more, table, text, name = [1] * 200000, [2] * 200000, dict.fromkeys(range(3000)), 'x' * 2000000, 'y' * 100
keys = ctypes.c_uint64.from_address(id(table) + 32).value
class Class: pass
own = Class()
own.a = 1
def end():
    forge(rows, 16, 1 << 45)
    forge(more, 24, 8)
    forge(text, 16, (1 << 63) + 5)
    forge(table, 16, (1 << 64) - 1)
    ctypes.memset(keys, 0xff, 64)
    forge(own, 8, 24)
    globals()['blob'] = bytearray(30 << 20)
    return bytearray(1 << 30)
end()
"""

HOSTILE = """class Secret(list): pass
Secret.__name__ = Secret.__qualname__ = '/srv/sec' + 'ret/\\x1b[2J'
globals()['/srv/sec' + 'ret/x\\x1b[31m' + 'n' * 70] = Secret(range(2000000))
globals()['~/.s' + 'sh/\\u202e'] = list(range(1000000))
exec(compile('blob = bytearray(1 << 30)\\n', '/srv/sec' + 'ret/t.py', 'exec'))
"""


def crossed(python, program, *options):
    base = h.place()
    script = h.put(base + "/box", "solve.py", program)
    for _ in range(4):
        run = h.proctor([script], "--python", python, "--memory", "100MiB", "--wall", "20s", *options, cwd=base + "/box")
        # Where nobody could look in time there is no stack either, nor is there where the kernel counted at the end.
        if options or "stack" in (run.last("end") or {}):
            break
    return run


def held(run):
    found = run.verdict.get("cause", {}).get("held", [])
    return {(o["name"], o["type"], o.get("items", o.get("bytes"))) for o in found}


def main():
    schema = json.load(open(os.path.join(h.HERE, "../../doc/verdict.schema.json"), encoding="utf-8"))
    for version, python in {version[:2]: (version, python) for version, python in h.interpreters()}.values():
        h.title("python " + ".".join(map(str, version)))
        run = crossed(python, KNOWN)
        h.equal("what a function and its closure hold", (run.verdict["status"], held(run)), ("ML", KNOWN_HELD))
        h.equal("  each with its line", {o["name"]: o["line"] for o in run.verdict["cause"].get("held", [])},
                {"queue": 11, "blob": 11, "cut": 11})
        run = crossed(python, OWN)
        h.equal("what globals and attributes hold", held(run), OWN_HELD)
        run = crossed(python, THREADS)
        h.check("what another thread holds", THREADS_HELD <= held(run) and {o[0] for o in held(run)} <= {"rows", "blob", "keep"}, run)
        begin = time.monotonic()
        run = crossed(python, FORGED)
        h.check("forged objects end nothing but the program", run.verdict["status"] == "ML", run)
        h.check("  and take no time", time.monotonic() - begin < 15)
        h.check("  what is true is told all the same", ("blob", "bytearray", 30 << 20) in held(run), run.verdict)

    h.title("texts")
    run = crossed(h.PYTHON, OWN)
    text = run.verdict["messages"]
    h.check("staff", 'the list "own.rows" held 3,000,000 items (solve.py:8 in work())' in text["staff"], text)
    h.check("students", 'When it crossed that, the ' in text["student"] and 'the bytes "blob" held 30MiB (solve.py:8 in work())' in text["student"], text)
    h.equal("the verdict is as its schema says", offences(run.verdict, schema), [])
    for audience in "staff", "student":
        told = h.explained(run.log_path, "--audience", audience)
        h.check(f"explain to {audience}", "  held  the " in told and 'the bytes "blob" held 30MiB' in told, told)
    document = json.loads(h.explained(run.log_path, "--json"))
    h.equal("  and as JSON", document["ended_by"]["held"], run.verdict["cause"]["held"])
    run = crossed(h.PYTHON, LIBRARY)
    h.equal("a library's variables are not told, but the program's own, each once", held(run),
            {("self.blob", "bytearray", 30 << 20), ("keys", "list", 500000)})
    run = crossed(h.PYTHON, HOSTILE)
    told = run.verdict["messages"]["student"] + h.explained(run.log_path, "--audience", "student")
    h.check("hostile names: no path outside the submission", "secret" not in told and "ssh" not in told, told)
    h.check("  and no control character", "\x1b" not in told and "\u202e" not in told, told)
    h.check("  but what it held", "held 2,000,000 items" in told, told)
    run = crossed(h.PYTHON, OWN, "--stack", "none")
    h.check("without stacks nothing is known", "held" not in run.verdict["cause"] and "held" not in run.verdict["messages"]["staff"], run)
    h.finish()


main()
