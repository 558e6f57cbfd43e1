#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tkinter and turtle find Tcl's library, and end in the error that they end in natively: there is no display."""

import os
import shutil
import sys

sys.dont_write_bytecode = True
import harness as h

SOLVE = "import tkinter\ntry: tkinter.Tk()\nexcept tkinter.TclError as e: print(e)\nprint(tkinter.Tcl().eval('info library'))\n"
TURTLE = "import turtle\nturtle.forward(10)\n"


def candidates():
    found = [path for _, path in h.interpreters()]
    pypy = shutil.which("pypy3", path=h.PATH)
    return found + ([pypy] if pypy else [])


def main():
    box = h.place()
    solve, turtle = h.put(box, "solve.py", SOLVE), h.put(box, "draw.py", TURTLE)
    tried = 0
    for python in candidates():
        for display in None, ":47", "localhost:47":
            env = h.clean_env(**({"DISPLAY": display} if display else {}))
            native = h.native([python, solve], env=env)
            if native.status:
                break
            tried += 1
            given = ["--env", "DISPLAY"] if display else []
            run = h.proctor([python, solve], *given, env=env)
            h.check(
                f"{python}, display {display}: the same as natively",
                (run.status, run.out, run.err) == (0, native.out, native.err),
                run,
                native,
            )
            tcl = [r["file"]["path"] for r in run.refused() if "/tcl" in r.get("file", {}).get("path", "")]
            h.equal(f"{python}, display {display}: nothing of Tcl's is refused", tcl, [])
        else:
            native, run = h.native([python, turtle]), h.proctor([python, turtle])
            h.check(
                f"{python}: turtle ends in its own error",
                run.status == native.status and run.err.splitlines()[-1:] == native.err.splitlines()[-1:],
                run,
                native,
            )
    if not tried:
        h.skip_all("no interpreter here has tkinter")
    h.finish()


if __name__ == "__main__":
    main()
