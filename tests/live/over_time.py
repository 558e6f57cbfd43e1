#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the summary says of a run over time: usage, threads and processes, and the submission's own modules."""
import hashlib
import os

import harness as h
from harness import PYTHON, check, equal, finish, place, put, title

BASE = place()
GROWS = """import time
def until(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end: sum(range(500))
until(0.3)
held = bytearray(64 << 20)
until(0.3)
print("x" * 5000, flush=True)
until(0.3)
del held
until(0.3)
"""
TASKS = """import ctypes, os, sys, threading
name = lambda text: ctypes.CDLL(None).prctl(15, text, 0, 0, 0)
def work(text):
    name(text)
    end = __import__("time").thread_time() + 0.05
    while __import__("time").thread_time() < end: pass
for text in (b"worker", b'"\\n\\xff<b>', b"a name that is too long"):
    t = threading.Thread(target=work, args=(text,)); t.start(); t.join()
child = os.fork()
if not child:
    grandchild = os.fork()
    if not grandchild:
        os.execv("/bin/cat", ["cat", "--", *sys.argv[1:]])
    os.waitpid(grandchild, 0)
    os._exit(0)
os.waitpid(child, 0)
print(child)
"""
MANY = """import os, threading
for i in range(400):
    t = threading.Thread(target=int); t.start(); t.join()
"""
MODULES = """import os, sys, threading
sys.dont_write_bytecode = True
import own.part, beside
for i in range(3): open(beside.__file__).close()
open("changes.py", "w").write("one = 1\\n")
open("changes.py").close()
open("changes.py", "w").write("one = 11\\n")
open("changes.py").close()
open("text.txt").close()
open("code.pyc", "rb").close()
open("big.py").close()
os.close(os.open("folder.py", os.O_RDONLY))
os.close(os.open("only_written.py", os.O_WRONLY | os.O_CREAT, 0o600))
os.close(os.open("held.py", os.O_PATH))
os.close(os.open("fifo.py", os.O_RDONLY | os.O_NONBLOCK))
os.stat("looked_at.py")
try: open("absent.py")
except OSError: pass
open(os.__file__).close()
"""


def summary(run):
    return [r for r in run.records if r["kind"] == "summary"][0]


def usage():
    title("what it used over time")
    run = h.proctor([PYTHON, put(BASE, "grows.py", GROWS)], "--output", "1MiB", "--memory", "300MiB")
    told, end = summary(run)["usage"], run.last("end")
    columns = [told[name] for name in ("at_ns", "cpu_ns", "memory_bytes", "output_bytes", "threads")]
    n = len(columns[0])
    check("lists of one length", n > 2 and {len(c) for c in columns} == {n}, told)
    check("moments in order, within the run", columns[0] == sorted(set(columns[0])) and columns[0][-1] <= end["wall_ns"] + 100000000, told)
    check("at most one each 50 ms", all(b - a > 40000000 for a, b in zip(columns[0], columns[0][1:])), told["at_ns"])
    check("CPU time grows, up to its total", columns[1] == sorted(columns[1]) and columns[1][-1] <= end["cpu_ns"] + 5000000, told, end)
    check("so does output", columns[3] == sorted(columns[3]) and columns[3][0] == 0 and columns[3][-1] == 5001, told["output_bytes"])
    most = max(columns[2])
    check("memory rises", columns[2][0] < 32 << 20 and 64 << 20 <= most <= end["memory_bytes"], told["memory_bytes"], end["memory_bytes"])
    check("and falls", columns[2][-1] < 32 << 20, told["memory_bytes"])
    equal("one thread", set(columns[4]), {1})
    plain = h.proctor([PYTHON, put(BASE, "grows.py", GROWS)])
    told = summary(plain)["usage"]
    check("output that is not counted is not told", "output_bytes" not in told and len(told["at_ns"]) > 2, told)
    equal("what has one thread has no list of threads", "tasks" in summary(plain), False)
    for command in ("summary", "explain", "verify"):
        told = h.finished([h.PROCTOR, command, run.log_path], None, None, b"", None, 60, {})
        equal(f"{command} reads it", (told.status, told.err), (0, b""))


def tasks():
    title("threads and processes")
    run = h.proctor([PYTHON, put(BASE, "tasks.py", TASKS), *["x" * 700] * 2], "--process", "fork", "--exec", "/bin/cat", "--tasks", "8")
    found, first = summary(run)["tasks"], run.last("start")["process"]["pid"]
    rows = found["list"]
    child = int(run.out)
    equal("all of them, in order", [r["pid"] for r in rows[:5]], [first] * 4 + [child])
    equal("names as the kernel has them", [r.get("name") for r in rows[1:4]], ["worker", '"\n\ufffd<b>', "a name that is "])
    equal("with their exact bytes", "name_b64" in rows[2], True)
    check("times of a thread", all(0 <= r["from_ns"] < r["to_ns"] and 40000000 <= r["cpu_ns"] for r in rows[1:4]), rows)
    equal("who made whom", [r.get("parent") for r in rows], [None] * 4 + [first, child])
    equal("what was executed", (rows[5]["args"][:3], rows[5]["args_cut"], rows[5].get("name")), (["cat", "--", "x" * 700], True, "cat"))
    check("no argument is longer than the bound", sum(len(a) for a in rows[5]["args"]) <= 1024, rows[5])
    equal("the others have executed nothing", [r.get("args") for r in rows[:5]], [None] * 5)
    equal("none is left out", found["left_out"], 0)
    run = h.proctor([PYTHON, put(BASE, "many.py", MANY)], "--tasks", "8")
    found = summary(run)["tasks"]
    equal("the list is bounded", (len(found["list"]), found["left_out"]), (256, 401 - 256))


def modules():
    title("the submission's own modules")
    folder = os.path.join(BASE, "sub")
    os.makedirs(os.path.join(folder, "own"))
    os.mkdir(os.path.join(folder, "folder.py"))
    os.mkfifo(os.path.join(folder, "fifo.py"))
    texts = {"solve.py": MODULES, "beside.py": "x = 1\n", "own/__init__.py": "", "own/part.py": "y = '\u00e9'\n", "text.txt": "t",
             "code.pyc": "no code", "big.py": "#" * (1 << 20) + "\n", "held.py": "h", "looked_at.py": "l"}
    for name, text in texts.items():
        put(folder, name, text)
    run = h.proctor([PYTHON, os.path.join(folder, "solve.py")], "-r", folder, "-w", folder, cwd=folder)
    equal("it runs", (run.status, run.err), (0, b""))
    found = summary(run)["modules"]
    digest = lambda text: (len(text.encode()), hashlib.sha256(text.encode()).hexdigest())
    wanted = [(n, *digest(texts[n])) for n in ("solve.py", "own/__init__.py", "own/part.py", "beside.py")]
    wanted += [("changes.py", *digest(t)) for t in ("one = 1\n", "one = 11\n")] + [("code.pyc", *digest("no code"))]
    equal("each once, as it was when it was opened",
          [(os.path.relpath(m["path"], folder), m["bytes"], m["sha256"]) for m in found["list"]], wanted)
    equal("what is too long is counted", found["left_out"], 1)
    many = "".join(f"open('m{i}.py', 'w').write('{i}'); open('m{i}.py').close()\n" for i in range(300))
    run = h.proctor([PYTHON, put(folder, "many.py", many)], "-r", folder, "-w", folder, cwd=folder)
    found = summary(run)["modules"]
    equal("the list is bounded", (run.status, len(found["list"]), found["left_out"]), (0, 256, 301 - 256))


usage()
tasks()
modules()
finish()
