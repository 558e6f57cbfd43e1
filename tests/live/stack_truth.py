#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each frame of each Python stack is the one that an audit hook sees inside the same call.

Runs stack_cases.py, and small programs by -c, by -m and on standard input, with each interpreter
on this machine under stack_probe, and compares file, line and function of every frame. Also
checks that the native stack is whole and that its eval loops and the Python frames fit together.
"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PROBE = os.environ.get("STACK_PROBE") or os.path.join(
    os.environ.get("top_builddir", os.path.join(HERE, "../..")), "tests/live/stack_probe")
KEPT, TEXT = 256, 1024

MODULES = {
    "stack_module_a.py": "probe()\nimport stack_package.deep\n\nclass C:\n    probe()\n",
    "stack_package/__init__.py": "\n\nprobe()\n",
    "stack_package/deep.py": "import os\ndef function():\n    probe()\nfunction()\n",
    "stack_package/__main__.py": "def main():\n    probe()\n\nmain()\n",
}
SMALL = "def f(n):\n    if n: return f(n - 1)\n    probe()\n\nf(3)\n[f(0) for _ in range(2)]\nimport stack_module_a\n"
# The thread group's leader is gone: /proc/PID/maps of it is empty, that of a thread is not.
LEADERLESS = """
import ctypes, os, threading, time
def body():
    while open("/proc/self/stat").read().rsplit(")", 1)[1].split()[0] != "Z":
        time.sleep(.001)
    probe()
    sorted([1], key=lambda _: probe())
    os._exit(0)
threading.Thread(target=body).start()
ctypes.CDLL(None).pthread_exit(None)
"""


def interpreters():
    """Every CPython from 3.9 on this machine, by its version."""
    found = {}
    root = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    for path in ["/usr/bin/python3", *sorted(glob.glob(root + "/versions/3.*/bin/python3"))]:
        if not os.access(path, os.X_OK):
            continue
        text = subprocess.run([path, "-c", "import sys; print(*sys.version_info[:2], sys.implementation.name)"],
                              capture_output=True, text=True, check=False).stdout.split()
        if len(text) == 3 and text[2] == "cpython" and (int(text[0]), int(text[1])) >= (3, 9):
            found[os.path.realpath(path)] = int(text[1])
    return found


def as_logged(text):
    """What the reader makes of TEXT: cut, and bytes that are not UTF-8 replaced in JSON."""
    if len(text) > TEXT:
        text = text[:TEXT] + "\u2026"
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def expected(frames):
    frames = [[as_logged(file), line, as_logged(name)] for file, line, name in frames]
    return frames if len(frames) <= KEPT else frames[:KEPT // 2] + frames[-KEPT // 2:]


def compare(truth, got):
    """Why GOT is not what happened, or None."""
    want = expected(truth["frames"])
    have = [frame[:3] for frame in got["python"]]
    if "/probe/sub" in truth["path"]:       # the hook sees the inner interpreter's frames only
        have = have[:len(want)]
    elif got["python_total"] != len(truth["frames"]):
        return "%d frames, not %d" % (got["python_total"], len(truth["frames"]))
    for number, (ours, theirs) in enumerate(zip(have, want)):
        if ours != theirs:
            return "frame %d is %r, not %r" % (number, ours, theirs)
    if len(have) != len(want):
        return "%d frames kept, not %d" % (len(have), len(want))
    left_out = got["python_total"] > KEPT
    if bool(got["python_note"]) != left_out:
        return "note: %s" % got["python_note"]
    return compare_native(got)


def compare_native(got):
    native = got["native"]
    if got["native_total"] > KEPT:
        return None if got["native_note"] else "no note about frames left out"
    if got["native_note"] and not got["python_note"]:
        return "native note: %s" % got["native_note"]
    if not re.fullmatch("mkdir(at)?", native[0][1] or "") or "libc" not in native[0][0]:
        return "the innermost native frame is %r" % native[0]
    if not any(frame[1] in ("_start", "__clone", "clone", "clone3", "__clone3") or frame[1] is None
               for frame in native[-1:]):
        return "the outermost native frame is %r" % native[-1]
    loops = sum(frame[3] for frame in native)
    entries = sum(frame[3] for frame in got["python"])
    if got["python_total"] <= KEPT and loops != entries:
        return "%d eval loops for %d entry frames" % (loops, entries)
    named = {frame[1] for frame in native if frame[3]}
    if not named <= {"_PyEval_EvalFrameDefault", "_PyEval_EvalFrameDefault.cold", None}:
        return "eval loops are %r" % named
    return None


def run(python, arguments, directory, stdin=None):
    """The calls that a run of PYTHON ARGUMENTS made: (truth by path, stacks by path)."""
    truth, got = os.path.join(directory, "truth"), os.path.join(directory, "got")
    for path in (truth, got):
        with open(path, "w", encoding="utf-8"):
            pass
    environment = {**os.environ, "TRUTH": truth, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "ignore",
                   "PYTHONPATH": os.pathsep.join([os.path.join(HERE, "stack_hook"), directory])}
    done = subprocess.run([PROBE, "-w", "both", "-o", got, python, *arguments], input=stdin or "", text=True,
                          env=environment, timeout=120, check=False)
    if done.returncode:
        sys.exit("FAIL: %s %s ended with status %d" % (python, arguments, done.returncode))
    with open(truth, encoding="utf-8") as lines:
        by_hook = {one["path"]: one for one in map(json.loads, lines)}
    with open(got, encoding="utf-8") as lines:
        by_reader = {one["path"]: one for one in map(json.loads, lines)}
    return by_hook, by_reader


def check(python, minor, title, arguments, directory, stdin=None):
    by_hook, by_reader = run(python, arguments, directory, stdin)
    bad = frames = 0
    for path, truth in by_hook.items():
        got = by_reader.get(path)
        why = "no stack was read" if got is None else compare(truth, got)
        if got and not why and got["minor"] != minor:
            why = "version 3.%d" % got["minor"]
        frames += len(truth["frames"])
        if why:
            bad += 1
            if bad <= 5:
                print("  %s, called from %s: %s" % (path, truth["frames"][:2], why))
    print("%s %s: %d calls, %d frames, %d wrong" %
          ("FAIL" if bad or not by_hook else "ok  ", title, len(by_hook), frames, bad), flush=True)
    return bad == 0 and by_hook


def main():
    pythons = interpreters()
    if not pythons:
        print("SKIP: no CPython 3.9 or newer here")
        return 77
    good = True
    with tempfile.TemporaryDirectory() as directory:
        os.mkdir(os.path.join(directory, "stack_package"))
        for name, text in MODULES.items():
            with open(os.path.join(directory, name), "w", encoding="utf-8") as module:
                module.write(text)
        for python, minor in pythons.items():
            print("%s (3.%d)" % (python, minor))
            good &= bool(check(python, minor, "stack_cases.py", [os.path.join(HERE, "stack_cases.py")], directory))
            good &= bool(check(python, minor, "-c", ["-c", SMALL], directory))
            good &= bool(check(python, minor, "standard input", ["-"], directory, SMALL))
            good &= bool(check(python, minor, "-m (runpy)", ["-m", "stack_package"], directory))
            good &= bool(check(python, minor, "leader exited", ["-c", LEADERLESS], directory))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
