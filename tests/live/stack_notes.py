#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where a Python stack cannot be whole the reader says why, and gives the native stack."""
import glob
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

import stack_truth

BUILD = os.environ.get("top_builddir", os.path.join(stack_truth.HERE, "../.."))
STUB = os.environ.get("STACK_STUB") or os.path.join(BUILD, "tests/fuzz/fuzz_stack_stub")
MKDIR = "import os\ntry:\n    os.mkdir('/probe/x')\nexcept OSError: pass\n"

# mkdir() as the start routine of a thread that Python never hears of.
FOREIGN = """
import ctypes
libc, thread = ctypes.CDLL(None), ctypes.c_ulong()
libc.pthread_create(ctypes.byref(thread), None, libc.mkdir, b"/probe/x")
libc.pthread_join(thread, None)
"""

# Another version's number where 3.13 publishes its own; read by a new reader, in a child.
FUTURE = """
import ctypes, os, sys
stub = ctypes.PyDLL(sys.argv[1])
runtime = ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, "_PyRuntime"))
pid = os.fork()
if not pid:
    stub.fuzz_swap(ctypes.c_size_t(1), (ctypes.c_uint64 * 2)(runtime + 8, 0x03100000), b"/probe/x")
    os._exit(0)
os.waitpid(pid, 0)
"""

# interpreters_head is NULL before initialisation and after finalisation.
FINALISED = """
import ctypes, sys
stub = ctypes.PyDLL(sys.argv[1])
runtime = ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, "_PyRuntime"))
minor = sys.version_info[1]
words = ctypes.cast(runtime, ctypes.POINTER(ctypes.c_uint64))
head = words[5] if minor >= 13 else 40 if minor >= 11 else 32
stub.fuzz_swap(ctypes.c_size_t(1), (ctypes.c_uint64 * 2)(runtime + head, 0), b"/probe/x")
"""

DEEP = "import os, sys\nsys.setrecursionlimit(5000)\ndef f(n):\n    if n: return f(n - 1)\n" + \
    "".join("    " + line + "\n" for line in MKDIR.splitlines()[1:]) + "f(900)\n"


def stack(command, what="both"):
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as out:
        subprocess.run([stack_truth.PROBE, "-w", what, "-o", out.name, *command], timeout=60, check=False,
                       stderr=subprocess.DEVNULL)
        lines = out.read().splitlines()
    if len(lines) != 1:
        sys.exit("FAIL: %s: %d calls" % (command, len(lines)))
    return json.loads(lines[0])


def says(title, command, note, minor, native=True, python=False):
    """True when the stack of the one call of COMMAND has NOTE."""
    got = stack(command)
    good = note in (got["python_note"] or "") and got["minor"] == minor
    good &= bool(got["python"]) == python and bool(got["native"]) == native
    print("%s %s: %r, %d native frames" %
          ("ok  " if good else "FAIL", title, got["python_note"], len(got["native"])))
    return good


def kinds(python):
    """Only what was asked for is read."""
    good = True
    for what, want in (("none", (False, False)), ("python", (True, False)), ("native", (False, True)),
                       ("both", (True, True))):
        got = stack([python, "-c", MKDIR], what)
        good &= (bool(got["python"]), bool(got["native"])) == want
        good &= got["python_note"] is None and got["native_note"] is None
    print("%s only what was asked for is read" % ("ok  " if good else "FAIL"))
    return good


def deep(python):
    """Both ends of a deep stack are kept, and the gap is where the index says."""
    got = stack([python, "-c", DEEP])
    lines = [frame[1] for frame in got["python"]]
    good = got["python_total"] == 902 and len(lines) == 256 and got["python_gap"] == 128
    good &= lines[0] == 6 and set(lines[1:255]) == {4} and lines[255] == 8
    good &= got["python_note"] == "646 frames in the middle are left out"
    print("%s 902 frames: %d kept, %r" % ("ok  " if good else "FAIL", len(lines), got["python_note"]))
    return good


# Each of its calls is read anew, symbols and all.
OFTEN = "import os\nfor i in range(40):\n    try:\n        os.mkdir('/probe/x')\n    except OSError: pass\n"


def interrupted(python):
    """A reader that others keep from running, for longer than it may compute, reads whole stacks all the same."""
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as out:
        probe = subprocess.Popen([stack_truth.PROBE, "-c", "-w", "both", "-o", out.name, python, "-c", OFTEN])
        while probe.poll() is None:
            probe.send_signal(signal.SIGSTOP)
            time.sleep(.06)
            probe.send_signal(signal.SIGCONT)
            time.sleep(.004)
        got = [json.loads(line) for line in out.read().splitlines()]
    notes = {note for one in got for note in (one["python_note"], one["native_note"])}
    good = len(got) == 40 and notes == {None}
    print("%s a reader that is stopped now and then: %d stacks, %r" % ("ok  " if good else "FAIL", len(got), notes))
    return good


def main():
    pythons = stack_truth.interpreters()
    good = says("a program that is no Python", ["mkdir", "/probe/x"], "no python interpreter", 0)
    old = "/.pyenv/versions/3.8.*/bin/python3"
    for python in glob.glob(os.path.expanduser("~") + old) or [None]:
        if python:
            good &= says(python, [python, "-c", MKDIR], "older than 3.9 is not supported", 0)
        else:
            print("not tried: no CPython 3.8 here")
    for python, minor in pythons.items():
        print("%s (3.%d)" % (python, minor))
        good &= says("a thread of C only", [python, "-c", FOREIGN], "not known to the interpreter", minor)
        good &= says("no interpreter state", [python, "-c", FINALISED, STUB], "is not initialised", minor)
        if minor >= 13:
            good &= says("a version of the future", [python, "-c", FUTURE, STUB], "python 3.16 is not supported", 16)
        good &= kinds(python)
        good &= deep(python)
    good &= interrupted(min(pythons))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
