#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pytest runs a suite as README says, with settings of its own and without any, without a refusal, and says of it what it
says without proctor. Takes an interpreter that has pytest: PYTEST_PYTHON, or one of this machine's."""

import os
import re
import sys

sys.dont_write_bytecode = True
import harness as h

SUITE = {
    "pytest.ini": "[pytest]\n",
    "conftest.py": "import pytest\n@pytest.fixture\ndef four(): return 4\n",
    "mod.py": "def double(x): return 2 * x\n",
    "tests/test_mod.py": (
        "import mod, pytest\n"
        "def test_double(four): assert mod.double(2) == four\n"
        "def test_fails(): assert mod.double(3) == 7\n"
        "def test_out(capsys):\n    print('hello')\n    assert capsys.readouterr().out == 'hello\\n'\n"
        "@pytest.mark.parametrize('n', range(5))\ndef test_many(n): assert mod.double(n) == n + n\n"
        "def test_raises():\n    with pytest.raises(ZeroDivisionError): 1 // 0\n"
        "@pytest.mark.skip\ndef test_skipped(): pass\n"
    ),
}
TMP_PATH = "def test_file(tmp_path):\n    (tmp_path / 'a').write_text('x')\n    assert (tmp_path / 'a').read_text() == 'x'\n"


def python_with_pytest():
    for python in [os.environ.get("PYTEST_PYTHON"), *(p for _, p in h.interpreters())]:
        if python and h.native([python, "-c", "import pytest"]).status == 0:
            return python
    return None


def told(run):
    """What came of the tests, without how long they took."""
    lines = [re.sub(rb" in [0-9.]+s.*", b"", line) for line in run.out.splitlines()]
    return [line for line in lines if line.startswith((b"FAILED", b"ERROR")) or b" passed" in line]


python = python_with_pytest()
if not python:
    h.skip_all("no interpreter here has pytest, and PYTEST_PYTHON names none")
box = h.place()
for name, text in SUITE.items():
    h.put(box, name, text)
words = [python, "-m", "pytest", "-p", "no:cacheprovider"]
bare = h.native([*words, "--capture=sys"], cwd=box)
for options, more, settings in ([], ["--capture=sys"], True), (["--scratch"], [], True), (["--scratch"], [], False):
    # Without settings it looks for some in every directory above, none of which is granted.
    if not settings:
        os.unlink(os.path.join(box, "pytest.ini"))
    what = f"{options + more}" + ("" if settings else ", without pytest.ini")
    run = h.proctor([*words, *more], "-r", box, *options, cwd=box)
    h.equal(f"{what}: the tests come out as without proctor", (run.status, told(run)), (bare.status, told(bare)))
    h.check(f"{what}: among them a failure", bare.status == 1 and b"1 failed, 8 passed, 1 skipped" in told(run)[-1], run)
    h.equal(f"{what}: nothing is refused", [(r["event"]["action"], r["syscall"]["args"][:2]) for r in run.refused()], [])
    h.check(f"{what}: looks above are no refusals", settings or run.verdict["refusals"]["look"] > 0, run)
h.put(box, "tests/test_file.py", TMP_PATH)
run = h.proctor([*words, "tests/test_file.py"], "-r", box, "--scratch", cwd=box)
h.check("a test's own directory lies in the scratch", run.status == 0 and b"1 passed" in run.out, run)
h.finish()
