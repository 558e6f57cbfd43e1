#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where the interpreter is not where it usually is, what ended the program is known all the same: in an environment whose
python is a copy, and with LD_LIBRARY_PATH to another libpython. An interpreter without the symbol by which that is seen
says nothing that is not known: after a refusal the cause is not certain. Whatever is granted, stopped for, looked at or
recorded: what ended a program is the same, with each interpreter.
"""

import glob
import os
import shutil
import sys

sys.dont_write_bytecode = True
import harness as h

FAILS = "{}['a']\n"
REFUSED = "open('/etc/passwd')\n"
# dladdr(3): the file that the interpreter's functions are in.
WHERE = """import ctypes
found = (ctypes.c_char_p * 4)()
ctypes.CDLL(None).dladdr(ctypes.cast(ctypes.pythonapi.Py_Main, ctypes.c_void_p), found)
print(found[0].decode())
""" + FAILS


def ended(box, python, program, *options):
    return h.proctor([h.put(box, "solve.py", program)], "--python", python, *options, cwd=box)


def expect(what, run, kind, certain, exception):
    cause = run.verdict.get("cause", {})
    h.equal(what, (cause.get("kind"), cause.get("certain"), cause.get("exception", {}).get("type")), (kind, certain, exception))


def copies(base, version, python):
    where = f"{base}/venv{version}"
    done = h.native([python, "-m", "venv", "--copies", "--without-pip", where])
    if done.status:
        h.skip(f"a copy of {python}", "venv failed: " + h.short(done.err.decode()))
        return
    box, copy = base + "/box", where + "/bin/python"
    h.check(f"{version}: python is a copy", not os.path.islink(os.path.realpath(copy)) and os.path.realpath(copy) == copy)
    expect("  an exception", ended(box, copy, FAILS), "exception", True, "KeyError")
    expect("  a refusal", ended(box, copy, REFUSED), "refusal", True, "PermissionError")


def other_library(base, version, python):
    found = glob.glob(os.path.realpath(python).rsplit("/bin/", 1)[0] + "/lib/libpython3.[0-9]*.so.1.0")
    if not found:
        return False
    box, lib = base + "/box", base + "/lib" + version
    os.mkdir(lib)
    shutil.copy(found[0], lib)
    run = ended(box, python, WHERE, "-r", lib, "--env", "LD_LIBRARY_PATH=" + lib)
    h.check(f"{version}: LD_LIBRARY_PATH leads to another libpython", run.out.decode().startswith(lib), run)
    expect("  an exception", run, "exception", True, "KeyError")
    return True


def without_symbol(base):
    """An interpreter that does not export what is looked for: one whose name there is another."""
    name, box = b"\0PyExc_SystemExit\0", base + "/box"
    for version, python in h.interpreters():
        real = os.path.realpath(python)
        with open(real, "rb") as file:
            image = file.read()
        if image.count(name) != 1:
            continue
        changed = base + "/python3"
        with open(changed, "wb") as file:
            file.write(image.replace(name, name.replace(b"Exit", b"Exiu")))
        os.chmod(changed, 0o755)
        env = ["--env", "PYTHONHOME=" + real.rsplit("/bin/", 1)[0]]
        if h.native([changed, "-c", "1"], env=dict(os.environ, PYTHONHOME=env[1].split("=")[1])).status:
            continue
        h.title(f"{'.'.join(map(str, version))} without the symbol")
        run = ended(box, changed, REFUSED, *env)
        expect("after a refusal the cause is not known", run, "exit", False, None)
        h.check("  and a student is told that", "not known" in run.verdict["messages"]["student"], run.verdict)
        return
    h.skip("an interpreter without the symbol", "none here has it in its own file, and once")


GRANTS = ["--process", "fork", "--exec", "/bin/true", "--connect", "127.0.0.1:1", "--scratch"]
LIMITS = ["--wall", "30s", "--cpu", "20s", "--memory", "1GiB", "--output", "1MiB", "--tasks", "2", "--files", "64"]
LOOKS = ["--profile=1000", "--shadow", "pure", "--stack", "both", "--stack-for", "all", "--live", "LIVE"]
# (what, options, does a refusal show?)
SETTINGS = [
    ("nothing said", [], True),
    ("each call recorded", ["--calls", "all"], True),
    ("refusals recorded", ["--calls", "denied"], True),
    ("grants", GRANTS + ["-w", "ROOM:1MiB"], True),
    ("limits", LIMITS, True),
    ("looks", LOOKS, True),
    ("all of these", GRANTS + ["-w", "ROOM"] + LIMITS + LOOKS + ["--calls", "all"], True),
    ("terminal, on_deny kill", ["-p", "POLICY", "--calls", "all"], True),
    ("audit mode", ["--mode", "audit"], False),
    ("audit mode, each call recorded", ["--mode", "audit", "--calls", "all"], False),
]


def settings(base, pythons):
    box, room = base + "/box", base + "/room"
    os.mkdir(room)
    policy = h.put(base, "policy.yaml", "version: 1\nname: kill\nextends: builtin:pure\nterminal: yes\non_deny: kill\n")
    for what, options, shows in SETTINGS:
        names = {"LIVE": base + "/live", "ROOM": room, "ROOM:1MiB": room + ":1MiB", "POLICY": policy}
        options = [names.get(o, o) for o in options]
        kills = policy in options
        program = REFUSED if shows and not kills else FAILS
        wanted = ("refusal", True, "PermissionError") if program == REFUSED else ("exception", True, "KeyError")
        for version, python in pythons.items():
            expect(f"{what}: {version}", ended(box, python, program, *options), *wanted)


def main():
    base = h.place()
    os.mkdir(base + "/box")
    pythons = {".".join(map(str, version[:2])): python for version, python in reversed(h.interpreters())}
    h.title("copies")
    for version, python in pythons.items():
        copies(base, version, python)
    h.title("another library")
    others = [other_library(base, version, python) for version, python in pythons.items()]
    if not any(others):
        h.skip("another libpython", "no interpreter here has one")
    h.title("options")
    settings(base, pythons)
    without_symbol(base)
    h.finish()


main()
