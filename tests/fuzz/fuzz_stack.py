#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The stack reader survives a tracee that corrupts all that it reads.

Under stack_probe, with each CPython on this machine, fuzz_stack_tracee.py makes thousands of calls
with corrupted frames, thread states, code objects, line tables, strings, registers and unwind
tables. The stacks and what the frames hold are read. No stop may crash the reader, hang it, or take longer than the 50 ms of STACK_BUDGET_NS.
Most useful in a build with --enable-sanitizers.

fuzz_stack.py [COUNT [SEED]]    default: 1500 calls with each interpreter, seed 1
"""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../live"))
import stack_truth  # noqa: E402

BUILD = os.environ.get("top_builddir", os.path.join(HERE, "../.."))
STUB = os.environ.get("STACK_STUB") or os.path.join(BUILD, "tests/fuzz/fuzz_stack_stub")
BUDGET_NS = 50_000_000
RESIDENT_KIB = 8 * 1024     # what the whole supervisor may have


def fuzz(python, count, seed, directory):
    """Why a run with PYTHON is not good, or None."""
    command = [stack_truth.PROBE, "-s", "-m", python, os.path.join(HERE, "fuzz_stack_tracee.py"), STUB, str(count),
               str(seed), directory]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        return "hangs"
    if done.returncode or not done.stdout:
        return "status %d" % done.returncode
    most = json.loads(done.stdout.splitlines()[-1])
    print("   %(stops)d stops, %(frames)d frames read, longest stop %(cpu_ns)d ns of CPU, "
          "%(resident_kib)d KiB resident" % most, flush=True)
    if most["stops"] < count:
        return "%d stops of %d" % (most["stops"], count)
    # By CPU time: on a busy machine the process may wait, which is not the reader's doing.
    if most["cpu_ns"] > BUDGET_NS:
        return "a stop took %d ns" % most["cpu_ns"]
    if not 0 <= most["resident_kib"] <= RESIDENT_KIB:
        return "%d KiB resident" % most["resident_kib"]
    # The corrupted stacks must have been read, not refused at the door.
    if most["frames"] < count:
        return "only %d frames were read" % most["frames"]
    return None


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1500
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    pythons = stack_truth.interpreters()
    if not pythons:
        print("SKIP: no CPython 3.9 or newer here")
        return 77
    bad = 0
    with tempfile.TemporaryDirectory() as directory:
        for python in pythons:
            print("%s, seed %d" % (python, seed), flush=True)
            why = fuzz(python, count, seed, directory)
            print("%s %s" % ("FAIL" if why else "ok  ", why or python), flush=True)
            bad += bool(why)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
