#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whose code a refusal comes from does not depend on how the interpreter is spelt: the line that is told is
the submission's, and never the library's that it called.
"""

import os
import subprocess
import sys

sys.dont_write_bytecode = True
import harness as h

# A module of the standard library and one that is installed in the environment open the file.
SOLVE = "import fileinput, installed\nfor f in installed.load, lambda p: list(fileinput.input(p)):\n    try: f('/etc/passwd')\n    except OSError: pass\n"
INSTALLED = "def load(path):\n    return open(path)\n"


def environments(box, python):
    """A virtual environment with links, one of copies: [name]."""
    made = []
    for name, options in ("venv", ["--symlinks"]), ("copies", ["--copies"]):
        done = h.native([python, "-m", "venv", "--without-pip", *options, os.path.join(box, name)])
        if done.status:
            h.skip(f"an environment made with {options[0]} by {python}", "venv failed: " + h.short(done.err.decode()))
            continue
        site = h.native([os.path.join(box, name, "bin/python3"), "-c", "import site; print(site.getsitepackages()[0])"])
        h.put(site.out.decode().strip(), "installed.py", INSTALLED)
        made.append(name)
    return made


def told(sentence, box, words, *options, cwd):
    run = h.proctor(words, *options, cwd=cwd)
    lines = [r["code"] for r in run.refused() if "code" in r]
    h.check(
        f"{sentence}: both refusals are told in solve.py",
        run.status == 0
        and len(lines) == 2
        and all(c["file.path"].endswith("solve.py") and c["line.number"] in (2, 3) and "source" in c for c in lines),
        run,
        lines,
    )
    done = h.finished([h.PROCTOR, "explain", run.log_path], None, None, b"", None, 30, {})
    h.check(f"{sentence}: explain shows the line", b"  who   solve.py:" in done.out, done)


def spellings(box, name):
    solve = os.path.join(box, "t/solve.py")
    h.put(box, "t/solve.py", SOLVE)
    for path in f"../{name}", f"t/../../{name}", f"..//.//{name}/", f"/{box}/{name}", f"{box}/t/../{name}":
        program = path + "/bin/python3"
        os.makedirs(os.path.join(box, "a/t"), exist_ok=True)
        told(program.replace(box, "BOX"), box, [program, solve], cwd=os.path.join(box, "a"))
    program = f"../{name}/bin/python3"
    told(f"--python {program}", box, [solve], "--python", program, cwd=os.path.join(box, "t"))
    link = os.path.join(box, "link-to-" + name)
    os.symlink(name, link)
    told("a link to the environment", box, [link + "/bin/python3", solve], cwd=box)
    told("`..` of a link", box, [f"{link}/../{name}/bin/python3", solve], cwd=box)


def main():
    for version, python in h.interpreters(oldest=(3, 9)):
        h.title("%d.%d.%d" % version)
        box = h.place()
        for name in environments(box, python):
            spellings(box, name)
    h.finish()


if __name__ == "__main__":
    main()
