#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The line of a refusal, and a student's line, of programs that are no plain script: -c, standard input, a cell
that exec() runs, -m, a script behind a link to its directory; and of odd files. A line that cannot be known is
not shown."""

import json
import os
import sys

sys.dont_write_bytecode = True
import harness as h

# Every way for code of a text to be the one that is refused, each on a line of its own.
TEXT = """def f():
    open('/etc/passwd')  # in f
class C:
    def m(self): open('/etc/passwd')  # in C.m
for g in f, C().m, lambda: open('/etc/passwd'):  # in a lambda
    try: g()
    except OSError: pass
try: open('/etc/passwd')  # in the module
except OSError: pass
"""
SEEN = {2: "# in f", 4: "# in C.m", 5: "# in a lambda", 8: "# in the module"}
# Code that is called "<string>" and is not of -c's text, although that has such lines.
MADE = """def other(): pass
# 2
code = 'x = 1\\ntry: open("/etc/passwd")\\nexcept OSError: pass\\ndef made():\\n open("/etc/passwd")\\n'
exec(code)
try: made()
except OSError: pass
"""
CELL = "cell = '''\\n\\ntry: open(\"/etc/passwd\")\nexcept OSError: pass\n'''\nexec(cell)\nexec(compile(cell, '<cell 3>', 'exec'))\n"
PLAIN = "def g():\n    open('/etc/passwd')\ntry: g()\nexcept OSError: pass\n"


def refused(run):
    return [r["code"] for r in run.refused() if r.get("file", {}).get("path") == "/etc/passwd" and "code" in r]


def explained(run, *options):
    done = h.finished([h.PROCTOR, "explain", *options, run.log_path], None, None, b"", None, 30, {})
    return done.out.decode(errors="replace")


def student(run):
    """Of a program that a refusal ended."""
    return explained(run, "--audience", "student")


def whole(sentence, run, place):
    """All lines of TEXT."""
    lines = {c["line.number"]: c.get("source", "") for c in refused(run)}
    h.check(
        f"{sentence}: each refusal has its line",
        run.status == 0 and lines.keys() == SEEN.keys() and all(lines[n].endswith(SEEN[n]) for n in SEEN),
        run,
        lines,
    )
    told = explained(run)
    h.check(
        f"{sentence}: explain shows it",
        all(f"{place}:{n} " in told and SEEN[n] in told for n in SEEN),
        told,
    )


def texts(python, box):
    whole("-c", h.proctor([python, "-c", TEXT], cwd=box), "<string>")
    whole("-c in one word", h.proctor([python, "-Bc" + TEXT], cwd=box), "<string>")
    whole("run -", h.proctor(["-"], "--python", python, stdin=TEXT.encode(), cwd=box), "<stdin>")
    with open(h.put(box, "text", TEXT), "rb") as text:
        whole("a file on standard input", h.proctor([python], stdin=text, cwd=box), "<stdin>")
    with open(h.put(box, "text", "skipped = 1\n" + TEXT), "rb") as text:
        os.lseek(text.fileno(), 12, os.SEEK_SET)
        whole("a file on standard input from its middle", h.proctor([python, "-"], stdin=text, cwd=box), "<stdin>")
    run = h.proctor([python, "-c", TEXT], cwd=box)
    h.check("the text of -c is in the log", TEXT in run.records[0]["process"]["args"], run.records[0]["process"])


def made(python, box):
    run = h.proctor([python, "-c", MADE], cwd=box)
    codes = refused(run)
    h.check(
        "what exec() makes gets no line of -c's",
        len(codes) == 2 and not any("source" in c for c in codes) and all("caller" in c for c in codes),
        run,
        codes,
    )
    h.equal("but the lines that called it", [c.get("caller", {}).get("source") for c in codes], ["exec(code)", "try: made()"])
    script = h.put(box, "cells.py", CELL)
    run = h.proctor([python, script])
    codes = refused(run)
    h.equal(
        "a cell: the line that ran it",
        [c.get("caller", {}).get("source", "").split("(")[0:2] for c in codes],
        [["exec", "cell)"], ["exec", "compile"]],
    )
    h.equal("a cell: its own place", [(c["file.path"], c["line.number"]) for c in codes], [("<string>", 3), ("<cell 3>", 3)])
    told = explained(run)
    h.check("explain shows both", "<cell 3>:3" in told and "5 | exec(compile(cell" in told, told)
    done = h.finished([h.PROCTOR, "explain", "--json", run.log_path], None, None, b"", None, 30, {})
    h.check("--json has the number of the line that is shown", b'"source_line": 5' in done.out or b'"source_line":5' in done.out, done)


def module(python, box):
    h.put(box, "pkg/__init__.py", "")
    h.put(box, "pkg/__main__.py", PLAIN)
    h.put(box, "single.py", PLAIN)
    for name, file in ("pkg", "pkg/__main__.py"), ("single", "single.py"):
        run = h.proctor([python, "-m", name], cwd=box)
        told = explained(run)
        h.check(f"-m {name}: explain shows the line", f"{file}:2 " in told and "open('/etc/passwd')" in told, told)


def linked(python, box):
    h.put(box, "real/solve.py", PLAIN)
    h.put(box, "real/__main__.py", PLAIN)
    if not os.path.islink(box + "/link"):
        os.symlink("real", box + "/link")
    for word, cwd, file in (
        ("link/solve.py", box, "solve.py"),
        (box + "/link/solve.py", "/", "solve.py"),
        ("../link/solve.py", box + "/real", "solve.py"),
        ("link", box, "__main__.py"),
        ("link/", box, "__main__.py"),
    ):
        run = h.proctor([python, word], cwd=cwd)
        told = explained(run)
        h.check(f"a link to the directory, {word}: explain shows the line", f"{file}:2 " in told and "open('/etc/passwd')" in told, told)
    run = h.proctor([python, "link/solve.py"], cwd=box, verdict=True)
    h.check("the verdict names the place", "solve.py:2" in json.dumps(run.verdict), run.verdict)


def odd(python, box):
    for sentence, data, line, shown in (
        ("latin-1", b"# -*- coding: latin-1 -*-\nopen('/etc/passwd') # \xe9\n", 2, "open('/etc/passwd') # \\xe9"),
        ("only carriage returns", b"x = 1\ropen('/etc/passwd')\ry = 1\r", 2, "2 | open('/etc/passwd')\n"),
        ("Windows line ends", b"x = 1\r\nopen('/etc/passwd')\r\n", 2, "2 | open('/etc/passwd')\n"),
        ("a long line", b"open('/etc/passwd') #" + b"x" * 5000 + b"\n", 1, "open('/etc/passwd') #xxx"),
    ):
        run = h.proctor([python, h.put(box, "odd.py", data)])
        told = student(run)
        h.check(f"{sentence}: the student gets the line", f"(odd.py:{line})" in told and shown in told and "x" * 400 not in told, told)


def main():
    for version, python in h.interpreters():
        h.title("%d.%d.%d" % version)
        for part in texts, made, module, linked, odd:
            part(python, h.place())
    h.finish()


if __name__ == "__main__":
    main()
