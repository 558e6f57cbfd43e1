#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The policies that come with proctor, each with a program of the kind that it is for."""

import subprocess
import sys

sys.dont_write_bytecode = True
import harness as h

BOX = h.place()


def run(name, text, *words, python=None, options=()):
    script = h.put(BOX, "a.py", text)
    return h.proctor([python or h.PYTHON, *(words or [script])], "-p", name, *options, cwd=BOX)


def has(module):
    return subprocess.run([h.PYTHON, "-c", f"import {module}"], stderr=subprocess.DEVNULL, check=False).returncode == 0


done = run("pytest", "import os; print(os.environ['PYTEST_ADDOPTS']); open(os.environ['TMPDIR'] + '/x', 'w').write('1')\n"
           "try: open('x', 'w')\nexcept OSError as e: print(type(e).__name__)")
h.equal("pytest: temporary files are written, and nothing beside the tests", done.out, b"-p no:cacheprovider\nPermissionError\n")
if has("pytest"):
    h.put(BOX, "test_it.py", "def test_it(tmp_path):\n    (tmp_path / 'x').write_text('1')\n")
    done = run("pytest", "", "-m", "pytest", "-q")
    h.check("pytest: it runs as outside, without a refusal", b"1 passed" in done.out and done.verdict["violations"] == 0, done)
else:
    h.skip("pytest itself", "it is not installed")
if has("numpy"):
    done = run("science", "import numpy, os\na = numpy.random.rand(200, 200)\nprint(numpy.linalg.svd(a)[1].shape)\n"
               "numpy.save(os.environ['TMPDIR'] + '/a.npy', a)\nprint(os.environ['MPLBACKEND'])")
    h.check("science: numpy computes and saves, without a refusal", done.out == b"(200,)\nAgg\n" and done.verdict["violations"] == 0, done)
else:
    h.skip("science", "numpy is not installed")
done = run("subprocess", "import subprocess\nprint(subprocess.run(['/usr/bin/sort', '-r'], input=b'a\\nb\\n', capture_output=True).stdout)\n"
           "try: subprocess.run(['/bin/ls'])\nexcept OSError as e: print(type(e).__name__)")
h.equal("subprocess: what is named runs, and nothing else", done.out, b"b'b\\na\\n'\nPermissionError\n")
h.finish()
