#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An open for reading and writing that is refused, and falls back to reading, is one look at a file that may be
read. Whatever else it was, it was a try to write: nothing may hide behind the other. All of it is recorded."""

import os
import sqlite3
import sys

sys.dont_write_bytecode = True
import harness as h

BEGIN = "import os, sys, threading\nbox = os.path.dirname(os.path.realpath(__file__))\ndata, other = box + '/data', box + '/other'\n" + """
def refused(flags, path=data):
    try: os.close(os.open(path, flags)); print('opened')
    except PermissionError: pass
def read(path=data):
    with open(path) as f: return f.read()
"""
# Each with how many violations it is.
CASES = {
    "falls back": ("refused(os.O_RDWR); print(read())", 0),
    "falls back, as sqlite opens": ("refused(os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW); print(read())", 0),
    "by another name": ("refused(os.O_RDWR); print(read(box + '/../' + os.path.basename(box) + '/data'))", 0),
    "with a pause that names nothing": ("refused(os.O_RDWR); os.getpid(); [0] * 10**6; os.dup(1); print(read())", 0),
    "mailbox": ("import mailbox; print(len(mailbox.mbox(data)))", 0),
    "does not": ("refused(os.O_RDWR)", 1),
    "reads another file": ("refused(os.O_RDWR); print(read(other))", 1),
    "looks first": ("refused(os.O_RDWR); os.stat(data); print(read())", 1),
    "two tries": ("refused(os.O_RDWR); refused(os.O_RDWR); print(read())", 1),
    "writes only": ("refused(os.O_WRONLY); print(read())", 1),
    "cuts": ("refused(os.O_RDWR | os.O_TRUNC); print(read())", 1),
    "appends": ("refused(os.O_RDWR | os.O_APPEND); print(read())", 1),
    "makes one": ("refused(os.O_RDWR | os.O_CREAT, box + '/new'); print(read())", 1),
    "a directory": ("refused(os.O_RDWR, box); os.listdir(box)", 0),
    "a file outside": ("refused(os.O_RDWR, '/etc/passwd'); refused(os.O_RDONLY, '/etc/passwd')", 2),
    "only looks at it": ("refused(os.O_RDWR); os.close(os.open(data, os.O_PATH))", 1),
    "another thread reads it": ("refused(os.O_RDWR); t = threading.Thread(target=read); t.start(); t.join()", 1),
    "the exception ends it": ("open(data, 'r+')", 1),
    "it is killed": ("refused(os.O_RDWR); os.kill(os.getpid(), 9)", 1),
    "in a thread that ends": ("t = threading.Thread(target=lambda: refused(os.O_RDWR)); t.start(); t.join(); print(read())", 1),
}


def cases():
    box = h.place()
    h.put(box, "data", "From a@b\n\nwhat is there\n")
    h.put(box, "other", "x")
    for name, (code, violations) in CASES.items():
        script = h.put(box, "s.py", BEGIN + code + "\n")
        for options in [], ["--calls", "all"]:
            run = h.proctor([h.PYTHON, "-S", "-E", script], *options)
            told = f"{name}{' with --calls all' if options else ''}"
            h.equal(f"{told}: {violations} violations", run.verdict.get("violations"), violations)
            tries = [r for r in run.calls("openat") if r["syscall"].get("errno") == "EACCES" and r.get("stack")]
            asked = code.count("refused(") or 1
            h.check(f"{told}: it is never opened", b"opened" not in run.out, run)
            h.equal(f"{told}: each try is recorded, with its line", len(tries), asked)
    run = h.proctor([h.PYTHON, "-c", "import sys; sys.path.insert(0, sys.argv[1])\nopen(sys.argv[1] + '/data', 'r+')", box], "-r", box)
    refusal = (run.refused() or [{}])[-1]
    h.equal("a refusal that waited has its line", refusal.get("code", {}).get("line.number"), 2)
    kill = h.put(h.place(), "p.yaml", f"version: 1\nname: p\nextends: builtin:pure\non_deny: kill\nread: ['{box}/**']\n")
    run = h.proctor([h.PYTHON, h.put(box, "s.py", BEGIN + CASES["falls back"][0])], "--policy", kill)
    h.check("a policy that kills does so at once", run.verdict.get("status") == "PV" and run.out == b"", run)


def database():
    box = h.place()
    base = sqlite3.connect(box + "/data.db")
    base.execute("create table t(a)")
    base.executemany("insert into t values(?)", [(i,) for i in range(1000)])
    base.commit()
    base.close()
    script = h.put(
        box,
        "s.py",
        "import os, sqlite3\nb = sqlite3.connect(os.path.dirname(os.path.realpath(__file__)) + '/data.db')\n"
        "print(b.execute('select sum(a) from t').fetchone())\n"
        "try: b.execute('insert into t values(1)')\nexcept sqlite3.OperationalError as e: print(e)\nb.close()\n",
    )
    bare = h.native([h.PYTHON, "-c", f"import sqlite3; print(sqlite3.connect('file:{box}/data.db?mode=ro', uri=True).execute('select sum(a) from t').fetchone())"])
    run = h.proctor([h.PYTHON, script])
    h.equal("sqlite reads a granted database", run.out, bare.out + b"attempt to write a readonly database\n")
    h.equal("without a violation", [r["syscall"]["args"][:3] for r in run.refused()], [])


cases()
database()
h.finish()
