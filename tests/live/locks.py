#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Locks for reading on granted files: a program is told that it has one, as it would be without a sandbox, and
nobody outside feels it; who holds the file for writing is believed. sqlite reads a granted database."""

import fcntl
import os
import sqlite3
import sys
import threading
import time

sys.dont_write_bytecode = True
import harness as h

# Each answer on a line: what locks for reading, unlocking and mistakes return.
ASK = """
import ctypes, fcntl, os, struct
libc = ctypes.CDLL(None, use_errno=True)
def tell(name, result):
    print(name, result if result >= 0 else os.strerror(ctypes.get_errno()))
def lock(kind, whence=0, start=0, length=0, pid=0):
    return struct.pack('<hh4xqqi4x', kind, whence, start, length, pid)
def ask(name, fd, command, kind, pid=0):
    question = ctypes.create_string_buffer(lock(kind, 0, 1, 2, pid))
    result = libc.fcntl(fd, command, question)
    print(name, result if result >= 0 else os.strerror(ctypes.get_errno()), struct.unpack('<hh4xqqi4x', question.raw[:32]))
path = os.path.dirname(__file__) + '/data'
fd, only = os.open(path, os.O_RDONLY), os.open(path, os.O_PATH)
for command in 'F_SETLK', 'F_SETLKW', 'F_OFD_SETLK', 'F_OFD_SETLKW':
    number = getattr(fcntl, command, {'F_OFD_SETLK': 37, 'F_OFD_SETLKW': 38}.get(command))
    tell(command + ' read', libc.fcntl(fd, number, lock(0)))
    tell(command + ' read some', libc.fcntl(fd, number, lock(0, 0, 3, 4)))
    tell(command + ' unlock', libc.fcntl(fd, number, lock(2)))
    tell(command + ' whence', libc.fcntl(fd, number, lock(0, 9)))
    tell(command + ' before', libc.fcntl(fd, number, lock(0, 0, -1)))
    tell(command + ' nowhere', libc.fcntl(fd, number, ctypes.c_void_p(8)))
    tell(command + ' O_PATH', libc.fcntl(only, number, lock(0)))
    tell(command + ' closed', libc.fcntl(77, number, lock(0)))
for command in 37, 38:
    tell('a pid', libc.fcntl(fd, command, lock(0, 0, 0, 0, 1)))
for command in 5, 36:
    for kind in 0, 1, 2, 7:
        ask(f'F_GETLK {command} {kind}', fd, command, kind)
    ask(f'F_GETLK {command} O_PATH', only, command, 1)
    ask(f'F_GETLK {command} closed', 77, command, 1)
    ask(f'F_GETLK {command} pid', fd, command, 1, 4711)
    tell(f'F_GETLK {command} nowhere', libc.fcntl(fd, command, ctypes.c_void_p(8)))
for name, operation in ('shared', 1), ('shared at once', 5), ('unlock', 8), ('unlock at once', 12):
    tell('flock ' + name, libc.flock(fd, operation))
    tell('flock O_PATH ' + name, libc.flock(only, operation))
    tell('flock closed ' + name, libc.flock(77, operation))
"""
HOLD = """
import fcntl, os, sys, time
f = open(os.path.dirname(__file__) + '/data', 'rb')
fcntl.flock(f, fcntl.LOCK_SH)
fcntl.lockf(f, fcntl.LOCK_SH)
print('held', flush=True)
sys.stdin.read()
"""
OTHER = """
import fcntl, os
f = open(os.path.dirname(__file__) + '/data', 'rb')
try: fcntl.lockf(f, fcntl.LOCK_SH | fcntl.LOCK_NB)
except OSError as e: print(type(e).__name__, e.errno)
import struct
print(struct.unpack('<hh4xqqi4x', fcntl.fcntl(f, fcntl.F_GETLK, struct.pack('<hh4xqqi4x', 0, 0, 0, 0, 0))))
"""
WRITING = """
import ctypes, fcntl, os, struct
f = open(os.path.dirname(__file__) + '/data', 'rb')
fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
"""
OWN = """
import fcntl, sys
f = open(sys.argv[1], 'r+b')
for start, kind in (0, fcntl.LOCK_EX), (0, fcntl.LOCK_SH), (20, fcntl.LOCK_EX), (20, fcntl.LOCK_SH), (20, fcntl.LOCK_EX):
    try: print(fcntl.lockf(f, kind | fcntl.LOCK_NB, 10, start))
    except OSError as e: print(e.errno)
print('held', flush=True)
sys.stdin.read()
"""
SELECT = """
import os, sqlite3
base = sqlite3.connect(os.path.dirname(__file__) + '/data.db')
print(base.execute('select sum(a) from t').fetchall())
base.close()
"""


def answers(box):
    script = h.put(box, "ask.py", ASK)
    native = h.finished([h.PYTHON, script], None, None, b"", None, 30, {})
    run = h.proctor([h.PYTHON, script])
    h.check("locks for reading are answered as without a sandbox", run.out == native.out and run.status == 0, run, native.out)
    h.check("none of them is a refusal", not [r for r in run.refused() if r["event"]["action"] in ("fcntl", "flock")], run)


def outside(box):
    """Somebody outside locks the file for writing while the program believes that it has it."""
    script, data = h.put(box, "hold.py", HOLD), box + "/data"
    stdin, ours = os.pipe()
    got = []

    def hold():
        with os.fdopen(stdin, "rb") as source:
            got.append(h.proctor([h.PYTHON, script], stdin=source))

    thread = threading.Thread(target=hold)
    thread.start()
    felt = []
    with open(data, "r+b") as f:
        until = time.monotonic() + 2
        while time.monotonic() < until and thread.is_alive():
            try:
                fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
                fcntl.flock(f, fcntl.LOCK_UN)
                fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
                fcntl.lockf(f, fcntl.LOCK_UN)
            except OSError as error:
                felt.append(error)
            time.sleep(0.01)
    os.close(ours)
    thread.join()
    h.check("the program has its locks", got[0].out == b"held\n" and got[0].status == 0, got[0])
    h.check("and nobody outside feels one", not felt, felt)
    with open(data, "r+b") as f:
        fcntl.lockf(f, fcntl.LOCK_EX)
        run = h.proctor([h.PYTHON, h.put(box, "other.py", OTHER)])
        h.check("who holds the file for writing is believed", run.out.startswith(b"BlockingIOError 11\n"), run)
        h.equal("and found to be in the way, but not told by name", run.out.split(b"\n")[1], b"(1, 0, 0, 0, -1)")


def refused(box):
    run = h.proctor([h.PYTHON, h.put(box, "writing.py", WRITING)])
    seen = [r for r in run.refused() if r["event"]["action"] == "flock"]
    h.check("a lock for writing is a violation", run.status == 1 and len(seen) == 1 and seen[0]["decision"]["violation"], run)


def own(box):
    """A file that it may write to a program locks, and finds locked."""
    file = h.put(h.place(), "own", "x" * 40)
    stdin, ours = os.pipe()
    got = []

    def hold():
        with os.fdopen(stdin, "rb") as source:
            got.append(h.proctor([h.PYTHON, h.put(box, "own.py", OWN), file], "-w", os.path.dirname(file), stdin=source))

    with open(file, "r+b") as f:
        fcntl.lockf(f, fcntl.LOCK_EX, 10, 0)
        thread = threading.Thread(target=hold)
        thread.start()
        felt, until = False, time.monotonic() + 20
        while not felt and time.monotonic() < until and thread.is_alive():
            try:
                fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB, 10, 20)
                fcntl.lockf(f, fcntl.LOCK_UN, 10, 20)
            except OSError:
                felt = True
            time.sleep(0.01)
        os.close(ours)
        thread.join()
    h.check("a lock of its own file is felt outside", felt, got[0])
    h.equal("one that is in the way is found there, one of its own is not", got[0].out, b"11\n11\nNone\nNone\nNone\nheld\n")
    locks = [r for r in got[0].calls() if r["event"]["action"] == "fcntl"]
    # Where descriptors are handed over, nobody can ask before the kernel does, whose answer is waited for.
    given = (None, "unknown") if h.borrows() else (0, "success")
    h.equal("what is in the way is in the log; that there was none is not waited for where that could be asked",
            [(r["syscall"].get("ret"), r["event"]["outcome"]) for r in locks], [(-11, "failure")] * 2 + [given] * 3)
    run = h.proctor([h.PYTHON, "-c", "import fcntl, os\nfcntl.lockf(open(os.environ['TMPDIR'] + '/a', 'w+'), fcntl.LOCK_EX | fcntl.LOCK_NB)"],
                    "--scratch", "--calls", "all")
    h.equal("where each call is recorded, so is that it was given",
            [r["syscall"].get("ret") for r in run.calls("fcntl") if "F_SETLK" in r["syscall"]["args"]], [0])


def database(box):
    base = sqlite3.connect(box + "/data.db")
    base.execute("create table t(a)")
    base.executemany("insert into t values(?)", [(i,) for i in range(1000)])
    base.commit()
    base.close()
    run = h.proctor([h.PYTHON, h.put(box, "select.py", SELECT)])
    h.check("sqlite reads a granted database", run.out == b"[(499500,)]\n" and run.status == 0, run)
    h.check("and nothing is refused", not run.refused(), run)


def main():
    box = h.place()
    h.put(box, "data", b"0123456789")
    for part in answers, outside, refused, own, database:
        part(box)
    h.finish()


if __name__ == "__main__":
    main()
