#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An interpreter that is no CPython: PyPy as Debian installs it, as its own archive lies, and in a virtual
environment. It starts without a refusal, gets its library and its script, and what it is refused comes with
the native stack.
"""

import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
import harness as h

SOLVE = """import json, os, sqlite3, hashlib, datetime, decimal, re, ctypes, beside
print(sorted(os.listdir(os.path.dirname(os.path.abspath(__file__)))), beside.x)
"""
REFUSED = SOLVE + "try: open('/etc/passwd')\nexcept OSError as e: print(e.errno)\n"


def pypy():
    path = shutil.which("pypy3", path=h.PATH)
    if not path:
        h.skip_all("pypy3 is not installed")
    done = h.native([path, "-c", "import sys; print(sys.implementation.name, sys.prefix)"])
    if not done.out.startswith(b"pypy "):
        h.skip_all("pypy3 does not run here: " + h.short(done.err.decode(errors="replace")))
    return path, done.out.decode().split()[1]


def runs(sentence, python, box):
    solve = h.put(box, "solve.py", SOLVE)
    h.put(box, "beside.py", "x = 1\n")
    native = h.native([python, solve])
    for words, options in ([solve], ["--python", python]), ([python, solve], []):
        run = h.proctor(words, *options)
        h.check(
            f"{sentence}{' --python' if options else ''}: the same output as natively, and no refusal",
            (run.status, run.out, run.err) == (native.status, native.out, native.err)
            and native.status == 0
            and not run.refused(),
            run,
            native,
            [(r["syscall"]["name"], r.get("file")) for r in run.refused()][:10],
        )
    run = h.proctor([h.put(box, "refused.py", REFUSED)], "--python", python)
    refused = [r for r in run.refused() if r.get("file", {}).get("path") == "/etc/passwd"]
    h.check(f"{sentence}: what is not granted is refused", run.out.endswith(b"13\n") and len(refused) == 1, run)
    native_frames = [f.get("module", "") for r in refused for f in r.get("stack", {}).get("native", [])]
    h.check(
        f"{sentence}: the record has the native stack",
        any("pypy" in module for module in native_frames),
        refused,
    )
    h.equal(f"{sentence}: the log says so", run.records[0]["settings"]["stack"], "native")


def archive(box, python, prefix):
    """The layout of pypy.org: bin/pypy3, its library in one file beside it, lib/pypy3.N."""
    exe = os.path.realpath(python)
    name = os.path.basename(exe)
    library = os.path.join(prefix, "lib", name)
    maps = h.native([python, "-c", "print(open('/proc/self/maps').read())"]).out.decode()
    shared = {line.split()[-1] for line in maps.splitlines() if "/libpypy" in line}
    if not os.path.isdir(library) or len(shared) != 1:
        h.skip("the layout of pypy.org", "this PyPy has none of it to copy")
        return None
    os.makedirs(box + "/bin")
    shutil.copy(exe, box + "/bin")
    os.symlink(name, box + "/bin/pypy3")
    shutil.copy(shared.pop(), box + "/bin")
    shutil.copytree(library, f"{box}/lib/{name}", symlinks=False, ignore=shutil.ignore_patterns("test", "__pycache__"))
    return box + "/bin/pypy3"


def main():
    python, prefix = pypy()
    runs("Debian's", python, h.place())
    moved = archive(h.place(), python, prefix)
    if moved:
        runs("pypy.org's layout", moved, h.place())
    box = h.place()
    done = h.native([python, "-m", "venv", "--without-pip", "--symlinks", box + "/venv"])
    if done.status:
        h.skip("a virtual environment", "venv failed: " + h.short(done.err.decode(errors="replace")))
    else:
        runs("a virtual environment", box + "/venv/bin/pypy3", h.place())
    done = h.finished([h.PROCTOR, "policy", "show", "--python", python], None, None, b"", None, 30, {})
    h.check("policy show names it", b"(PyPy 3." in done.out, done)
    h.finish()


if __name__ == "__main__":
    main()
