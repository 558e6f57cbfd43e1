#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--profile: samples from outside are where the program says that it computes, change nothing for it, and are bounded."""
import json
import os

import harness as h
from harness import PROCTOR, PYTHON, check, equal, finish, place, put, title
from schema import offences

BASE = place()
SHARES = """import sys, time, threading
def burn(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        for i in range(300): i * i
def first(): burn(0.6)
def second(): burn(0.2)
def both():
    first()
    second()
print("begin")
both()
"""
WAITS = """import ctypes, os, select, socket, threading, time
libc = ctypes.CDLL(None, use_errno=True)
a, b = socket.socketpair()
e = select.epoll(); e.register(a, select.EPOLLIN)
r, w = os.pipe()
def told(name, result): print(name, result, ctypes.get_errno() if result < 0 else 0)
def wait():
    for i in range(4):
        told("epoll", libc.epoll_wait(e.fileno(), ctypes.create_string_buffer(64), 4, 60))
        told("poll", libc.poll(None, 0, 60))
        told("nanosleep", libc.nanosleep(ctypes.byref((ctypes.c_long * 2)(0, 60000000)), None))
        told("select", libc.select(0, None, None, None, ctypes.byref((ctypes.c_long * 2)(0, 60000))))
        told("read", libc.read(r, ctypes.create_string_buffer(8), 1))
done = False
def spin():
    while not done: sum(range(2000))
def feed():
    for i in range(4): time.sleep(0.2); os.write(w, b"x")
ts = [threading.Thread(target=f) for f in (spin, feed)]
[t.start() for t in ts]
wait(); done = True
[t.join() for t in ts]
"""
MANY = """import sys
code = "def %s(n):\\n    return 0 if not n else CALL(n - 1) + sum(range(300))\\n"
names = ["f%d_%s" % (i, "\\u00e9" * 200) for i in range(400)]
import random, time
space = {}
for n in names: exec(compile(code % n, "\\x1b[2J" + n * 4, "exec"), space)
space["CALL"] = lambda n: space[random.choice(names)](n)
while time.process_time() < 1.5: space["CALL"](60)
"""


SLEEPS = """import threading, time
def first(): time.sleep(0.4)
def second(): time.sleep(0.2)
def deep(n): deep(n - 1) if n else time.sleep(0.5)
t = threading.Thread(target=deep, args=(20,)); t.start()
first(); second()
t.join()
"""
FORKS = """import os, time
def burn(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        for i in range(300): i * i
def child(): burn(0.6)
def parent(): burn(0.2)
def waits(pid): os.waitpid(pid, 0)
pid = os.fork()
if not pid:
    child()
    os._exit(0)
parent()
waits(pid)
"""
HOLDS = """import time
def until(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end: sum(range(300))
def small():
    held = bytearray(8 << 20)
    until(0.2)
def large():
    held = bytearray(64 << 20)
    until(0.2)
small(); large(); small()
"""


def run(name, body, *options):
    return h.proctor([PYTHON, put(BASE, name, body)], "-q", *options)


def profile_of(run):
    found = [r["profile"] for r in run.records if r["kind"] == "profile"]
    return found[0] if len(found) == 1 else None


def samples(profile, function, at=slice(None)):
    return sum(s["samples"] for s in profile["stacks"] if any(f["function"] == function for f in s["python"][at]))


def shares():
    title("where it computes")
    got = run("shares.py", SHARES, "--profile=500")
    profile = profile_of(got)
    one, two = samples(profile, "first"), samples(profile, "second")
    check("there are samples", one + two > 40, profile)
    check(f"three quarters are where it says that it used them ({one} of {one + two})", 0.62 < one / (one + two) < 0.86)
    whole = [s["python"] for s in profile["stacks"] if s["python"][0]["function"] == "burn"]
    check("each stack is whole, innermost first", whole and all(
        [f["function"] for f in s][1:] in (["first", "both", "<module>"], ["second", "both", "<module>"]) for s in whole), whole)
    lines = {f["line"] for s in whole for f in s[:1]}
    check("and each line one of the loop's", lines <= {3, 4, 5}, lines)
    equal("nothing is counted twice or lost", profile["samples"],
          sum(s["samples"] for s in profile["stacks"]) + profile["unread"] + profile["left_out"])
    plain = run("shares.py", SHARES)
    check("without, there is no record", profile_of(plain) is None)
    equal("what it prints is the same", (got.out, got.status), (plain.out, plain.status))
    return got, profile


def waits():
    title("what waits is left alone")
    got = run("waits.py", WAITS, "--profile=1000")
    equal("no call is interrupted", got.out.decode().split("\n"),
          [f"{n} {1 if n == 'read' else 0} 0" for _ in range(4) for n in ("epoll", "poll", "nanosleep", "select", "read")] + [""])
    profile = profile_of(got)
    check("the thread that computes is sampled beside it", samples(profile, "spin") > 20, profile["samples"])
    equal("and the one that waits in a call is not", samples(profile, "feed", slice(0, 1)) < samples(profile, "spin"), True)
    asleep = profile_of(run("sleep.py", "import time\nfor i in range(3): time.sleep(0.2)\n", "--profile=1000"))
    check("a program that sleeps has no sample there", samples(asleep, "<module>", slice(0, 1)) <= 5, asleep)


def wall():
    title("by the clock on the wall")
    got = run("waits.py", WAITS.replace("range(4)", "range(2)"), "--profile=1000", "--profile-clock", "wall")
    equal("no call is interrupted", got.out.decode().split("\n"),
          [f"{n} {1 if n == 'read' else 0} 0" for _ in range(2) for n in ("epoll", "poll", "nanosleep", "select", "read")] + [""])
    got = run("sleeps.py", SLEEPS, "--profile=200", "--profile-clock=wall")
    profile = profile_of(got)
    one, two, deep = samples(profile, "first"), samples(profile, "second"), samples(profile, "deep")
    equal("it says which clock", profile["of"], "wall")
    check(f"a thread that waits is where it waits ({one} and {two})", one + two > 40 and 0.55 < one / (one + two) < 0.8)
    check(f"and so is another one ({deep})", 0.6 < deep / (one + two) < 1.1)
    check("its stack is whole", all([f["function"] for f in s["python"][:21]] == ["deep"] * 21
                                    for s in profile["stacks"] if s["python"][0]["function"] == "deep"), profile)
    equal("nothing is counted twice or lost", profile["samples"],
          sum(s["samples"] for s in profile["stacks"]) + profile["unread"] + profile["left_out"])
    got = run("asleep.py", "import time\ndef f():\n    time.sleep(30)\nf()\n", "--wall", "600ms", "--profile-clock", "wall")
    hot = got.verdict["cause"].get("hottest") or {}
    equal("the cause of a limit", (hot.get("function"), hot.get("line"), hot.get("clock")), ("f", 3, "wall"))
    check("is told as time", "of its time was in asleep.py:3." in got.verdict["messages"]["student"], got.verdict["messages"])
    told = h.finished([PROCTOR, "explain", got.log_path], None, None, b"", None, 60, {})
    check("by explain too", b"of its time was in asleep.py:3 in f()" in told.out, told)
    with open(os.path.join(h.HERE, "../../doc/verdict.schema.json")) as f:
        equal("the verdict is as its schema says", offences(got.verdict, json.load(f)), [])
    equal("another clock is none", h.native([PROCTOR, "run", "--profile-clock", "sun", "-c", "1"]).status, 64)


def processes():
    title("processes")
    profile = profile_of(run("forks.py", FORKS, "--process", "fork", "--profile=500"))
    one, two = samples(profile, "child"), samples(profile, "parent")
    check(f"three quarters are the child's, as it used the time ({one} of {one + two})", one + two > 40 and 0.62 < one / (one + two) < 0.86)
    check("one that waits has none there", samples(profile, "waits") <= 5, profile)
    profile = profile_of(run("forks.py", FORKS.replace("0.6", "0.4"), "--process", "fork", "--profile=200", "--profile-clock", "wall"))
    check("but by the other clock", samples(profile, "waits") > 10 and samples(profile, "child") > samples(profile, "parent"), profile)


def peak():
    title("where it held the most")
    profile = profile_of(run("holds.py", HOLDS, "--profile=200"))
    told = profile["peak"]
    check("how much", 64 << 20 <= told["memory_bytes"] < 100 << 20, told)
    check("where", [f["function"] for f in told["python"]][-2:] == ["large", "<module>"], told)


def cause():
    title("the cause of a limit")
    body = "def f():\n    while True:\n        sum(range(1000))\nf()\n"
    for limit in ("--cpu", "--wall"):
        got = run("loop.py", body, limit, "600ms", "--profile")
        hot = got.verdict["cause"].get("hottest") or {}
        check(f"{limit}: the line", (hot.get("function"), hot.get("line")) == ("f", 3) and hot["samples"] / hot["of"] > 0.5, got.verdict)
        text = got.verdict["messages"]
        check("staff", "samples in loop.py:3 in f()" in text["staff"], text)
        check("students", "of its computing was in loop.py:3." in text["student"] and BASE not in text["student"], text)
        for options in ((), ("--audience", "student")):
            told = h.finished([PROCTOR, "explain", *options, got.log_path], None, None, b"", None, 60, {})
            check("explain", b"of its computing was in loop.py:3" in told.out and b"unknown kind" not in told.out + told.err, told)
    with open(os.path.join(h.HERE, "../../doc/verdict.schema.json")) as f:
        equal("the verdict is as its schema says", offences(got.verdict, json.load(f)), [])
    got = run("loop.py", body, "--cpu", "600ms")
    check("without a profile nothing is said", "hottest" not in got.verdict["cause"] and "computing" not in got.verdict["messages"]["student"])


def bounded():
    title("what a program can do to it")
    got = run("many.py", MANY, "--profile=1000")
    profile = profile_of(got)
    with open(got.log_path, "rb") as f:
        line = [s for s in f if b'"kind":"profile"' in s][0]
    check(f"the record is bounded ({len(line)} bytes)", len(line) <= 65536)
    told = {k: profile[k] for k in ("samples", "unread", "left_out")}
    check("what does not fit is counted", profile["samples"] == profile["left_out"] + profile["unread"] +
          sum(s["samples"] for s in profile["stacks"]), told)
    # How many stacks there are to read is a matter of the machine: one of 64 such frames takes more than a kibibyte.
    check("and something does not", profile["left_out"] > 0 or profile["samples"] - profile["unread"] < 64, told)
    check("no frames beyond the bound", all(len(s["python"]) <= 64 for s in profile["stacks"]))
    text = h.finished([PROCTOR, "export", "--to", "folded", "--weight", "samples", got.log_path], None, None, b"", None, 60, {})
    check("names are escaped", b"\x1b" not in text.out and text.out.count(b"\n") == len({json.dumps(s["python"]) for s in profile["stacks"]}) +
          bool(profile["unread"]), text.err)


def export(got, profile):
    title("exports, and misuse")
    told = sum(s["samples"] for s in profile["stacks"]) + profile["unread"]
    out = h.finished([PROCTOR, "export", "--to", "folded", "--weight", "samples", got.log_path], None, None, b"", None, 60, {}).out
    equal("folded", sum(int(s.rsplit(b" ", 1)[1]) for s in out.splitlines()), told)
    out = h.finished([PROCTOR, "export", "--to", "speedscope", got.log_path], None, None, b"", None, 60, {}).out
    equal("speedscope", sum(json.loads(out)["profiles"][3]["weights"]), told)
    for wrong in ("--profile=0", "--profile=1001", "--profile=x", "--profile="):
        bad = h.finished([PROCTOR, "run", wrong, PYTHON, "-c", "print(1)"], None, None, b"", None, 60, {})
        check(f"{wrong} is misuse", bad.status == 64 and b"1 to 1000" in bad.err and not bad.out, bad)
    bad = h.finished([PROCTOR, "run", "--profile", "--stack", "native", PYTHON, "-c", "print(1)"], None, None, b"", None, 60, {})
    check("without Python stacks there is none", bad.status == 64 and b"--stack" in bad.err and not bad.out, bad)


got, profile = shares()
export(got, profile)
waits()
wall()
processes()
peak()
cause()
bounded()
finish()
