#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An exception of which a traceback was made before the program ended itself is told on each interpreter; a program that
forges the frames of the module traceback, or looks at its own source all the time, misleads and slows nobody.
"""

import json
import os
import subprocess
import sys

sys.dont_write_bytecode = True
import harness as h

CAUGHT = """import {module}, sys
def work(n):
    if n: work(n - 1)
    raise ValueError("the reason") from KeyError("k")
try:
    work(3)
except ValueError:
    {module}.{function}
sys.exit(7)
"""

FORGED = """import ctypes, gc, os, sys, traceback
gc.disable()
code = compile("def __init__(self, exc_value):\\n os.stat(path)\\n", traceback.__file__, "exec")
space = {"os": os, "path": __file__}
exec(code, space)
def forged(where, value):
    e = ValueError("x" * 40)
    word = ctypes.c_uint64.from_address(id(e) + where)
    kept.append((word, word.value, e))
    word.value = value
    return e
kept = []
class Evil(Exception):
    def __str__(self): raise SystemExit(5)
    def __repr__(self): raise SystemExit(5)
for value in [None, 7, "x", [], object(), Evil, Evil("/etc/passwd\\x1b[31m"), OSError(2, "n", "/etc/passwd"), 1 << 200] + [
        forged(16 + 8 * i, n) for i in range(5) for n in (8, 1 << 62, id(kept), id(space) + 4)]:
    space["__init__"](None, value)
for word, value, e in kept: word.value = value
os._exit(1) if len(sys.argv) > 1 else sys.exit(1)
"""

# The second one shows at a single call, after which the program goes on.
TWO = """import sys, traceback
for one in lambda: {}["k"], lambda: [][0]:
    try: one()
    except LookupError: traceback.print_exc()
sys.exit(1)
"""

OFTEN = """import os, sys
for n in range(20000): os.access(__file__, os.R_OK)
sys.exit(1)
"""


def many():
    """The stack is read while the program is held, however busy the cores are: 3 of 240 missed the second otherwise."""
    place = h.place()
    h.put(place, "two.py", TWO)
    jobs = h.put(place, "jobs.jsonl", "".join(json.dumps({"id": f"r{i}", "script": "two.py"}) + "\n" for i in range(400)))
    subprocess.run([h.PROCTOR, "batch", "-q", "-j", "6", "-o", os.path.join(place, "out"), jobs], check=True, cwd=place,
                   env=h.clean_env(), stdout=subprocess.DEVNULL)
    with open(os.path.join(place, "out", "results.jsonl"), encoding="utf-8") as results:
        last = [json.loads(line)["cause"]["exception"].get("chain", [{}])[0].get("type") for line in results]
    h.equal("the last of two is told each time", (len(last), set(last)), (400, {"IndexError"}))


def main():
    for version, python in h.interpreters():
        for module, function in ("traceback", "print_exc()"), ("traceback", "format_exc()"), ("logging", "exception('x')"):
            run = h.proctor([h.put(h.place(), "solve.py", CAUGHT.format(module=module, function=function))], "--python", python)
            cause = run.verdict.get("cause", {})
            chain = cause.get("exception", {}).get("chain", [])
            h.check(f"{version}: {module}.{function} is seen", [(c["by"], c["type"], c.get("message"), c["line"], c["function"])
                                                             for c in chain] == [("printed", "ValueError", "the reason", 4, "work")], chain)
            h.check("  the log says the same", run.last("end").get("cause") == cause, run.last("end"))
            for audience in "student", "staff":
                text = h.explained(run.log_path, "--audience", audience)
                h.check(f"  {audience} is told", "a traceback was made of ValueError: the reason (solve.py:4 in work())" in text and
                        "whether that is the reason is not known" in text, text)
        for words in [], ["x"]:
            run = h.proctor([h.put(h.place(), "solve.py", FORGED), *words], "--python", python)
            h.check(f"{version}: forged frames and objects end nothing", run.status == 1, run.status, run.err)
            student = h.explained(run.log_path, "--audience", "student")
            h.check("  and a student reads no path", "/etc" not in student and "\x1b" not in student, student)
            h.check("  of a verdict that can be read", json.dumps(run.verdict), run)
    run = h.proctor([h.put(h.place(), "solve.py", OFTEN)])
    h.check("a program that looks at its own source was not printed", "chain" not in run.verdict["cause"]["exception"], run.verdict)
    spent = [run.seconds for run in (h.proctor([h.put(h.place(), "solve.py", OFTEN.replace("__file__", name))])
                                     for name in ("__file__", "__file__ + 'x'"))]
    h.check("  and pays for a bounded number of looks", spent[0] < 5 * spent[1] + 1, spent)
    many()
    h.finish()


main()
