#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The exception that ended a program, as the verdict has it, is the one that sys.excepthook sees inside.

Runs the programs of exception_programs.py: all with one interpreter, and a share, another for each, with each
other one. ALL=1 runs all with all, ONLY=a,b some. A message may be absent where the table says so, and is else never
missing; what is told is never wrong.
"""

import ast
import concurrent.futures
import os
import re
import sys
import zipfile

sys.dont_write_bytecode = True
import exception_programs as programs
import harness as h

SHARE = 5
FRAMES, CHAIN, GROUP, NOTES = 64, 8, 16, 8
POLICY = """version: 1
name: exceptions
extends: builtin:pure
limits: {{wall: 30s}}
read:
  - {base}
"""


# ---------------------------------------------------------------- comparing


def as_told(text):
    """What a record can hold of TEXT: no NUL, and of lone surrogates only those that stand for a byte."""
    text = re.sub("[\0\ud800-\udc7f\udd00-\udfff]", "\ufffd", text)
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def agrees(got, truth):
    """Is GOT what TRUTH is, or a long beginning of it?"""
    truth = as_told(truth)
    if got == truth:
        return True
    start = got[:-1]
    return got.endswith("\u2026") and len(start.encode()) >= 240 and truth.startswith(start.rstrip("\ufffd"))


def text_differs(key, got, truth):
    if truth is None or got is None:
        return [] if got is truth or got is None else [f"{key} is {got!r}, and there is none"]
    return [] if agrees(got, truth) else [f"{key} is {h.short(got, 300)}, not {h.short(truth, 300)}"]


def is_library(file):
    return file.startswith("<frozen") or re.search("/lib(64)?/python3[.0-9]*/|/python3[0-9]*[.]zip", file)


def place_differs(got, frames):
    """FRAMES as they are: the innermost that is not of a library, or else the innermost."""
    own = [f for f in frames if not is_library(f[0])] or frames
    if not own:
        return [] if "file" not in got else ["it has a place, and no frame"]
    wanted = (own[-1][0], own[-1][1], own[-1][2])
    if not agrees(got.get("file", ""), wanted[0]) or got.get("line", 0) != wanted[1]:
        return [f"its place is {got.get('file')}:{got.get('line')}, not {wanted}"]
    return text_differs("its function", got["function"], wanted[2])


def frames_differ(got, truth):
    have, left_out = got.get("frames", []), got.get("frames_left_out", 0)
    kept = truth if len(truth) <= FRAMES else truth[: FRAMES // 2] + truth[-FRAMES // 2 :]
    if len(have) + left_out != len(truth):
        return [f"{len(have)} frames and {left_out} left out, not {len(truth)}"]
    if len(have) < len(kept) and sum(len(f["file"]) for f in have) < 10000:
        return [f"only {len(have)} frames are kept"]
    kept = kept[len(kept) - len(have) :]
    for number, (ours, theirs) in enumerate(zip(have, kept)):
        if not agrees(ours["file"], theirs[0]) or ours.get("line", 0) != theirs[1] or not agrees(ours["function"], theirs[2]):
            return [f"frame {number} is {h.short(ours, 200)}, not {h.short(theirs, 200)}"]
    return []


def members_differ(got, truth, withheld):
    """What is told of one exception, and of one of a chain or group too."""
    bad = text_differs("type", got["type"], truth["type"]) + text_differs("module", got.get("module"), truth["module"])
    bad += text_differs("message", got.get("message"), truth["message"])
    if "message" not in got and truth["message"] is not None and not withheld:
        bad.append(f"message is absent: {h.short(truth['message'], 200)}")
    if got.get("errno") is not None and got["errno"] != truth.get("errno"):
        bad.append(f"errno is {got['errno']}, not {truth.get('errno')}")
    for key in ("filename", "name", "text"):
        bad += text_differs(key, got.get(key), truth.get(key))
        if key not in got and isinstance(truth.get(key), str) and not withheld:
            bad.append(f"{key} is absent: {h.short(truth[key], 100)}")
    if "lineno" in got and got["lineno"] != truth.get("lineno"):
        bad.append(f"lineno is {got['lineno']}, not {truth.get('lineno')}")
    return bad + place_differs(got, truth["frames"])


def notes_differ(got, truth):
    have, wanted = got.get("notes", []), truth.get("notes", [])[:NOTES]
    if len(have) != len(wanted) or not all(agrees(a, b) for a, b in zip(have, wanted)):
        return [f"notes are {h.short(have, 200)}, not {h.short(wanted, 200)}"]
    return []


def others_differ(key, got, truth, withheld):
    have, wanted = got.get(key, []), truth.get(key, [])
    if len(have) != len(wanted):
        return [f"{key} has {len(have)}, not {len(wanted)}"]
    bad = []
    for number, (ours, theirs) in enumerate(zip(have, wanted)):
        if ours.get("by") != theirs.get("by"):
            bad.append(f"{key} {number} is linked by {ours.get('by')}, not {theirs.get('by')}")
        bad += [f"{key} {number}: {one}" for one in members_differ(ours, theirs, withheld)]
    return bad


def truth_differs(got, truth, withheld):
    if got is None:
        return ["no exception is told"]
    return (members_differ(got, truth, withheld) + frames_differ(got, truth["frames"]) + notes_differ(got, truth)
            + others_differ("chain", got, truth, withheld) + others_differ("group", got, truth, withheld))


def expected_differs(got, wanted):
    """Against what the table says."""
    if not wanted:
        return [] if got is None else [f"{got['type']} is told, and no exception ended it"]
    if got is None:
        return ["no exception is told"]
    bad = [] if got["type"] == wanted["type"] else [f"type is {got['type']}"]
    if wanted["message"] is not None and got.get("message") != wanted["message"]:
        bad.append(f"message is {got.get('message')!r}")
    if "status" in wanted or "status" in got:
        if got.get("status") != wanted.get("status"):
            bad.append(f"status is {got.get('status')}")
    if wanted["line"] is not None and got.get("line") != wanted["line"]:
        bad.append(f"line is {got.get('line')}")
    return bad


# ---------------------------------------------------------------- running


def lay_out(base):
    """Each program in a directory of its own name: the file's name is part of a traceback."""
    for name, program in programs.PROGRAMS.items():
        source = program.source.encode("utf-8", "surrogateescape")
        file = {"m": f"{name}.py", "directory": f"{name}/__main__.py", "zip": f"{name}.zip"}.get(program.how, f"{name}.py")
        if program.how == "zip":
            with zipfile.ZipFile(os.path.join(base, file), "w") as archive:
                archive.writestr("__main__.py", source)
        else:
            h.put(base, file, source)
    for name, text in programs.MODULES.items():
        h.put(base, name, text)
    h.put(base, "policy.yaml", POLICY.format(base=base))


def lay_out_hook(base, found):
    """As a package of the user's, for warm runs: they have no PYTHONPATH."""
    with open(os.path.join(h.HERE, "exception_hook/sitecustomize.py"), encoding="utf-8") as hook:
        text = hook.read() + "_own = 1\nimport warnings\nwarnings.simplefilter('ignore')\n"
    with open(os.path.join(base, "policy.yaml"), "a", encoding="utf-8") as policy:
        for directory in sorted({f"{base}/home/.local/lib/python{major}.{minor}/site-packages" for (major, minor, _), _ in found}):
            h.put(directory, "usercustomize.py", text)
            policy.write(f"  - {directory}\n")


def words_of(name, program, python, base):
    path = os.path.join(base, name)
    return {
        "file": [python, path + ".py"],
        "c": [python, "-c", program.source],
        "m": [python, "-m", name],
        "stdin": [python, "-"],
        "zip": [python, path + ".zip"],
        "directory": [python, path],
    }[program.how]


def run(name, python, base, directory):
    program = programs.PROGRAMS[name]
    words = words_of(name, program, python, base)
    verdict = os.path.join(directory, name + ".json")
    env = h.clean_env(PYTHONPATH=os.pathsep.join([os.path.join(h.HERE, "exception_hook"), base]), PYTHONWARNINGS="ignore")
    if h.warmth.MODE and program.how not in ("directory", "zip") and "audit" not in program.options:  # where an interpreter that is held has its hook from
        env = h.clean_env(HOME=os.path.join(base, "home"))
    given = [word for name in ("HOME", "PYTHONPATH", "PYTHONWARNINGS") if name in env for word in ("--env", f"{name}={env[name]}")]
    stdin = program.source.encode("utf-8", "surrogateescape") if program.how == "stdin" else b""
    return h.proctor(words, "-q", "--no-pin", "-p", os.path.join(base, "policy.yaml"), "-r", h.HERE, *given, *program.options,
                     log=False, verdict=verdict, stdin=stdin, env=env, cwd=base)


def status_of(told):
    """What an interpreter ends with that nobody stopped."""
    return 1 if told["type"] != "KeyboardInterrupt" or told["module"] != "builtins" else -2


def judge(name, done, minor):
    """What is wrong with one run: sentences."""
    program = programs.PROGRAMS[name]
    verdict = done.verdict
    if not verdict:
        return [f"there is no verdict: {done!r}"]
    got = verdict["cause"].get("exception")
    ended = verdict["exit"]["code"]
    if ended is None:
        ended = -getattr(h.signal, verdict["exit"]["signal"] or "SIGKILL")
    told = re.search(rb"^TRUTH (.*)$", done.err, re.M)
    bad = []
    if program.expect is not None:
        bad += expected_differs(got, program.expect)
        if program.status is not None and ended != program.status:
            bad.append(f"it ended with {ended}, not {program.status}")
        return bad
    if not told:
        return [f"the hook told nothing: {h.short(done.err, 400)}"]
    if got is None and name in programs.UNMADE and minor <= 11:
        return []
    truth = ast.literal_eval(told[1].decode())
    bad += truth_differs(got, truth, program.withheld)
    if ended != status_of(truth):
        bad.append(f"it ended with {ended}")
    return bad


def chosen(number, minor):
    only = os.environ.get("ONLY")
    names = [name for name, program in programs.PROGRAMS.items() if program.oldest <= minor]
    if only:
        return [name for name in names if name in only.split(",")]
    if number == 0 or os.environ.get("ALL"):
        return names
    return [name for place, name in enumerate(names) if (place + number) % SHARE == 0]


def main():
    base = h.place()
    lay_out(base)
    found = h.interpreters()
    lay_out_hook(base, found)
    # The system's is first, and is the one of which all are run.
    for number, (version, python) in enumerate(found):
        if os.environ.get("ONLY_PYTHON", python) != python:
            continue
        names = chosen(number, version[1])
        directory = h.place()
        bad = {}
        absent = 0
        with concurrent.futures.ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:
            for name, done in zip(names, pool.map(lambda name: run(name, python, base, directory), names)):
                wrong = judge(name, done, version[1])
                if wrong:
                    bad[name] = wrong
                got = done.verdict.get("cause", {}).get("exception") or {"message": ""}
                absent += "message" not in got
        h.check(f"{'.'.join(map(str, version))}: {len(names)} programs, none told wrong ({absent} messages are withheld)",
                not bad, *[f"{name}: {'; '.join(wrong)}" for name, wrong in bad.items()])
    h.finish()


main()
