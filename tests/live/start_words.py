#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the words of a command line are taken for, and what is said when they cannot be meant: scripts
with odd names, programs on standard input, an interpreter that is named twice, options and commands
that are nearly right.
"""

import os
import shutil
import sys

sys.dont_write_bytecode = True
import harness as h

USAGE, CANNOT, MISSING = 64, 126, 127


def raw(*words, **popen):
    """proctor with just these words."""
    return h.finished([h.PROCTOR, *words], None, None, popen.pop("stdin", b""), popen.pop("env", None), 30, popen)


def bad(sentence, run, status, *parts, without=()):
    text = run.err.decode(errors="replace")
    h.check(
        f"{sentence}: status {status}, one line",
        run.status == status and not run.out and text.startswith("proctor: ") and text.count("\n") == 1,
        run,
    )
    for part in parts:
        h.check(f"{sentence}: the line says {part!r}", part in text, text)
    for part in without:
        h.check(f"{sentence}: the line does not say {part!r}", part not in text, text)


# ---------------------------------------------------------------- scripts


def names(box):
    h.put(box, "-x.py", "import sys; print(sys.argv)\n")
    for words in ["--", "-x.py", "-a"], ["--python", h.PYTHON, "--", "-x.py", "-a"], ["./-x.py", "-a"]:
        run = raw("run", *words, cwd=box)
        h.equal(f"run {' '.join(words[:-1])} runs that file", (run.out, run.err), (b"['./-x.py', '-a']\n", b""))
    run = raw("run", "--python", h.PYTHON, "--", "-B", "./-x.py", cwd=box)
    h.equal("an option to Python behind --python stays one", (run.out, run.err), (b"['./-x.py']\n", b""))
    bad("run -x.py", raw("run", "-x.py", cwd=box), USAGE, "no option -x", "./-x.py", without=(": run (",))
    bad("run -q -x.py", raw("run", "-q", "-x.py", cwd=box), USAGE, "no option -x", "./-x.py")
    bad("run -- -y.py", raw("run", "--", "-y.py", cwd=box), MISSING, "-y.py", "No such file")


def twice(box):
    h.put(box, "ok.py", "print('ok')\n")
    program = os.path.realpath(h.PYTHON)
    for word in "python3", program:
        bad(
            f"--python X -- {os.path.basename(word)} ok.py",
            raw("run", "--python", h.PYTHON, "--", word, "ok.py", cwd=box),
            USAGE,
            "--python",
            word,
            "leave out",
        )
    bad("--python X -- no-such-thing", raw("run", "--python", h.PYTHON, "--", "no-such-thing"), MISSING, "No such file")
    run = raw("run", "--python", h.PYTHON, "--", "ok.py", cwd=box)
    h.equal("--python with a script", (run.status, run.out), (0, b"ok\n"))


def line_ends(box):
    for name, line in ("direct", f"#!{h.PYTHON}\r\n"), ("env", "#!/usr/bin/env python3\r\n"), ("arg", f"#!{h.PYTHON} -B\r\n"):
        os.chmod(h.put(box, name, line + "print(1)\r\n"), 0o755)
        bad(f"a '#!' line with a carriage return ({name})", raw("run", "./" + name, cwd=box), CANNOT, name, "carriage return")
    run = raw("run", h.put(box, "crlf.py", f"#!{h.PYTHON}\r\nprint('ran')\r\n"))
    h.equal("a script that is given to Python may have such line ends", (run.status, run.out), (0, b"ran\n"))


def meant(box):
    h.put(box, "noext", "print(1)\n")
    h.put(box, "ex.PY", "print(1)\n")
    h.put(box, "nb.ipynb", '{"cells": []}\n')
    h.put(box, "data", b"\x00\x01")
    for name, status in ("noext", MISSING), ("ex.PY", MISSING), ("./ex.PY", CANNOT):
        run = raw("run", name, cwd=box)
        bad(f"run {name}", run, status, name, "proctor run -- python3 " + name)
        h.equal(f"run {name}: what is suggested works", raw("run", "--", "python3", name, cwd=box).out, b"1\n")
    bad("run nb.ipynb", raw("run", "nb.ipynb", cwd=box), MISSING, "notebook", "nbconvert")
    bad("run data", raw("run", "data", cwd=box), MISSING, "not found in PATH", without=("python3",))
    bad("run nothing", raw("run", "nothing-here", cwd=box), MISSING, "not found in PATH", without=("python3",))
    os.chmod(box + "/noext", 0o755)
    bad("run ./noext, executable", raw("run", "./noext", cwd=box), CANNOT, "proctor run -- python3 ./noext")


# ---------------------------------------------------------------- standard input


def standard_input(box):
    text = b"import sys\nprint(sys.argv, repr(sys.stdin.read()))\n"
    run = raw("run", "-", "a", "b", stdin=text)
    h.equal("run - reads the program, which then has no input", (run.status, run.out), (0, b"['-', 'a', 'b'] ''\n"))
    with open(h.put(box, "stdin.py", text), "rb") as script:
        run = raw("run", "-", stdin=script)
    h.equal("run - of a file", (run.status, run.out), (0, b"['-'] ''\n"))
    run = raw("run", "--python", h.PYTHON, "-", stdin=text)
    h.equal("run --python X -", (run.status, run.out), (0, b"['-'] ''\n"))
    run = raw("run", "-", stdin=b"open('/etc/passwd')\n")
    h.check("what it may do is what every program may", run.status == 1 and b"PermissionError" in run.err, run)
    run = raw("run", "-", stdin=b"")
    h.equal("an empty program", (run.status, run.out, run.err), (0, b"", b""))


# ---------------------------------------------------------------- options and commands


def nearly(box):
    for words, parts in (
        (["run", "--timeout", "1s", "x.py"], ["--timeout", "--wall"]),
        (["run", "--memroy", "1MiB", "x.py"], ["--memroy", "--memory"]),
        (["run", "--verdcit=x", "x.py"], ["--verdcit", "--verdict"]),
        (["run", "--lo", "x", "x.py"], ["--lo", "--log", "--log-max"]),
        (["run", "--no-pin=1", "x.py"], ["--no-pin", "takes no value"]),
        (["run", "--no-pin", "-Z", "x.py"], ["-Z"]),
        (["run", "--env=A=b", "-Z", "x.py"], ["-Z"]),
        (["run", "--verdict"], ["--verdict", "lacks its value"]),
        (["run", "-q", "-o"], ["-o", "lacks its value"]),
        (["explain", "--audience"], ["--audience", "lacks its value"]),
        (["explain", "--jsno", "x"], ["--jsno", "--json"]),
        (["summary", "--srot=name", "x"], ["--srot", "--sort"]),
        (["policy", "show", "--flter"], ["--flter", "--filter"]),
        (["polcy", "check"], ["polcy", "policy"]),
        (["explian", "x"], ["explian", "explain"]),
    ):
        bad("proctor " + " ".join(words), raw(*words), USAGE, *parts)
    for words in ["run", "--quite-unlike-anything", "x"], ["frobnicate"]:
        bad("proctor " + " ".join(words), raw(*words), USAGE, words[-1] if words[0] != "run" else words[1], without=("did you mean",))


def policies(box):
    bad("policy list", raw("policy", "list", "x"), USAGE, "nothing more is expected")
    bad("policy chek", raw("policy", "chek"), USAGE, "did you mean check?")
    ok = h.put(box, "ok.py", "print(1)\n")
    bad("-p nothing-such", raw("run", "-p", "nothing-such", ok, cwd=box), 65, "nothing-such", "policy list", without=("did you",))
    h.put(box, "mine.yaml", "version: 1\nextends: builtin:pure\n")
    bad("-p mine, where mine.yaml is", raw("run", "-p", "mine", ok, cwd=box), 65, "did you mean mine.yaml?")
    log = h.put(box, "old.jsonl", "")
    bad("a log that exists", raw("run", "-o", log, ok), USAGE, "never overwritten", "name another file")


def traced(box):
    strace = shutil.which("strace")
    if not strace:
        h.skip("under a tracer", "strace is not installed")
        return
    if h.sanitized():
        h.skip("under a tracer", "the leak sanitizer cannot run there")
        return
    ok = h.put(box, "ok.py", "print(1)\n")
    words = [strace, "-f", "-qq", "-o", "/dev/null", h.PROCTOR]
    run = h.finished([*words, "run", ok], None, None, b"", None, 60, {})
    if b"strace:" in run.err:
        h.skip("under a tracer", "strace cannot run here: " + h.short(run.err.decode(errors="replace")))
        return
    bad("under strace -f", run, 71, "traces proctor already", "strace", without=("forbidden",))
    run = h.finished([*words, "doctor"], None, None, b"", None, 60, {})
    h.check("doctor says it too", run.status == 71 and b"traces proctor already: strace" in run.out, run)


def home(box):
    """The interpreter's library is a copy elsewhere."""
    name = "python%d.%d" % h.sys_version(h.PYTHON)[:2]
    ok = h.put(box, "one/ok.py", "import sys, json; print(sys.prefix, json.__file__)\n")
    there = os.path.join(box, "there")
    library = h.native([h.PYTHON, "-c", "import os; print(os.path.dirname(os.__file__))"]).out.decode().strip()
    shutil.copytree(library, os.path.join(there, "lib", name), ignore=shutil.ignore_patterns("test", "__pycache__", "*-packages"))
    words = ["run", "--python", h.PYTHON, "--env", "PYTHONHOME=" + there]
    bad("a PYTHONHOME that nothing grants", raw(*words, ok), CANNOT, "PYTHONHOME", there, "-r has to grant it")
    wanted = f"{there} {there}/lib/{name}/json/__init__.py\n".encode()
    run = raw(*words, "-r", there, ok)
    h.equal("one that is granted is heeded", (run.out, run.err), (wanted, b""))
    run = raw(*words[:1], *words[3:], "-r", there, "--", h.PYTHON, ok)
    h.equal("also of an interpreter with its words", (run.out, run.err), (wanted, b""))
    run = raw(*words[:1], *words[3:], "--", h.PYTHON, "-Ic", "print('alone')")
    h.equal("who does not heed it needs no grant", (run.out, run.err), (b"alone\n", b""))
    policy = h.put(box, "policy.yaml", f"version: 1\nextends: builtin:pure\nenv: {{PYTHONHOME: {there}}}\n")
    bad("one in a policy", raw("run", "-p", policy, "--python", h.PYTHON, ok), CANNOT, "PYTHONHOME", there)


def main():
    for part in names, twice, line_ends, meant, standard_input, nearly, policies, home, traced:
        h.title(part.__name__.replace("_", " "))
        box = h.place()
        part(box)
        shutil.rmtree(box)
    h.finish()


if __name__ == "__main__":
    main()
