#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The advice for each library (words/advice.c): a program that does what it warns of is refused and told it, and one that
does what it says runs without a refusal and gives its result. Every row of the table is here. ADVICE_PYTHON names an
interpreter that has more libraries."""

import json
import os
import re
import sys

sys.dont_write_bytecode = True
import harness as h

# (library, or what stands in the line; a program that is refused; one that does as advised; a file beside them)
ROWS = [
    ("sqlite3", "import sqlite3\nsqlite3.connect('grades.db').execute('create table a (b)')\n",
     "import sqlite3\ndb = sqlite3.connect(':memory:')\ndb.execute('create table a (b)')\nprint(db.execute('select * from a').fetchall())\n"),
    ("dbm", "import dbm\ndbm.open('cache', 'c')\n", "d = {}\nd['a'] = b'1'\nprint(d)\n"),
    ("shelve", "import shelve\nshelve.open('cache')\n", "d = {}\nd['a'] = [1]\nprint(d)\n"),
    ("logging", "import logging\nlogging.basicConfig(filename='run.log')\n",
     "import logging\nlogging.basicConfig()\nlog = logging.getLogger('x')\nlog.addHandler(logging.StreamHandler())\nlog.warning('x')\nprint(1)\n"),
    ("tempfile", "import tempfile\ntempfile.TemporaryFile()\n",
     "import io\nf = io.BytesIO()\nf.write(b'1')\ng = io.StringIO()\ng.write('1')\nprint(f.getvalue())\n"),
    ("shutil", "import shutil\nshutil.copy('data.txt', 'copy.txt')\n",
     "import io\nf = io.BytesIO(open('data.txt', 'rb').read())\nprint(len(f.getvalue()))\n"),
    ("zipfile", "import zipfile\nzipfile.ZipFile('data.zip').extractall()\n",
     "import io, zipfile\nprint(zipfile.ZipFile('data.zip').read('a.txt'))\nz = zipfile.ZipFile(io.BytesIO(), 'w')\nz.writestr('b', '1')\nz.close()\n"),
    ("tarfile", "import tarfile\ntarfile.open('data.tar').extractall()\n",
     "import io, tarfile\nprint(tarfile.open('data.tar').extractfile('a.txt').read())\ntarfile.open(fileobj=io.BytesIO(), mode='w').close()\n"),
    ("gzip", "import gzip\ngzip.open('out.gz', 'w')\n", "import gzip\nprint(gzip.decompress(gzip.compress(b'1')))\n"),
    ("PIL", "from PIL import Image\nImage.new('L', (1, 1)).save('out.png')\n",
     "import io\nfrom PIL import Image\nf = io.BytesIO()\nImage.new('L', (1, 1)).save(f, format='PNG')\nprint(1)\n"),
    ("pandas", "import pandas\npandas.DataFrame([1]).to_csv('out.csv')\n",
     "import sys, pandas\npandas.DataFrame([1]).to_csv(sys.stdout)\n"),
    ("numpy", "import numpy as np\nnp.save('out.npy', [1])\n",
     "import io, sys\nimport numpy\nnumpy.savetxt(sys.stdout, [1])\nnumpy.save(io.BytesIO(), [1])\n"),
    ("cProfile", "import cProfile\ncProfile.run('1', 'out.prof')\n", "import cProfile\ncProfile.run('1')\n"),
    ("multiprocessing", "from multiprocessing import Pool\nPool(2)\n",
     "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(2) as pool:\n    print(list(pool.map(abs, [-1])))\n"),
    ("concurrent", "from concurrent.futures import ProcessPoolExecutor\nlist(ProcessPoolExecutor(2).map(abs, [-1]))\n",
     "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(2) as pool:\n    print(list(pool.map(abs, [-1])))\n"),
    ("webbrowser", "import webbrowser\nwebbrowser.open('http://example.org/')\n", "print('http://example.org/')\n"),
    ("platform", "import platform\nprint(platform.processor())\n", "import os\nprint(os.uname().machine)\n"),
    ("uuid", "import uuid\nprint(uuid.getnode())\n", "import uuid\nprint(uuid.uuid4())\n"),
    ("ctypes", "import ctypes.util\nprint(ctypes.util.find_library('m'))\n", "import ctypes\nprint(ctypes.CDLL('libm.so.6')._name)\n"),
    ("subprocess", "import subprocess\nsubprocess.run(['ls'])\n", "import os\nprint(os.listdir('.'))\n"),
    ("os.system(", "import os\nos.system('clear')\n", "print('\\033[2J\\033[H', end='')\nprint('\\033[31mred\\033[0m')\n"),
    ("os.popen(", "import os\nos.popen('ls').read()\n", "import os\nprint(os.listdir('.'))\n"),
]

# What the programs read.
PREPARE = """import os, sys, tarfile, zipfile
os.chdir(sys.argv[1])
open('data.txt', 'w').write('1')
with zipfile.ZipFile('data.zip', 'w') as z:
    z.writestr('a.txt', '1')
with tarfile.open('data.tar', 'w') as t:
    t.add('data.txt', 'a.txt')
"""


def table():
    """[(library or call, advice)] of words/advice.c."""
    top = os.environ.get("top_srcdir") or os.path.join(h.HERE, "..", "..")
    with open(os.path.join(top, "words/advice.c"), encoding="utf-8") as text:
        rows = text.read().partition("rows[] = {")[2].partition("\n};")[0]
    string = r'"((?:[^"\\]|\\.)*)"'
    found = re.findall(r"\{ %s, (?:NULL|%s), [A-Z| ]+,\s*%s \}" % (string, string, string), rows)
    return [(library or call, advice.replace('\\"', '"').replace("\\\\", "\\")) for library, call, advice in found]


def python_with(library):
    """An interpreter of this machine that has LIBRARY."""
    name = library.split(".")[0]
    other = os.environ.get("ADVICE_PYTHON")
    for path in ([other] if other else []) + [h.PYTHON] + [path for _, path in h.interpreters()]:
        if h.native([path, "-c", f"import {name}"]).status == 0:
            return path
    return None


def scratch():
    """Where a run has a directory of its own, that is where files go."""
    box, advice = h.place(), "write it beneath tempfile.gettempdir(): that directory is the run's own"
    for warned in "open('out.txt', 'w')\n", "import os\nos.mkdir('out')\n", "import os\nos.remove('solve.py')\n":
        run = h.proctor([h.put(box, "solve.py", warned)], "--python", h.PYTHON, "--scratch", cwd=box)
        explained = json.loads(h.explained(run.log_path, "--json"))["refusals"]
        h.check("a scratch is named: " + warned.split("\n")[-2], advice in run.verdict["messages"]["student"] and
                [r["fix"].get("advice") for r in explained] == [advice], run, explained)
    run = h.proctor([h.put(box, "solve.py", SCRATCH)], "--python", h.PYTHON, "--scratch", cwd=box)
    h.check("the advice works", run.out == b"1\n" and run.verdict.get("violations") == 0, run, run.refused())
    run = h.proctor([h.put(box, "solve.py", "open('out.txt', 'w')\n")], "--python", h.PYTHON, cwd=box)
    h.check("without one it is not", "gettempdir" not in run.verdict["messages"]["student"], run)


SCRATCH = """import os, tempfile
os.mkdir(os.path.join(tempfile.gettempdir(), 'out'))
path = os.path.join(tempfile.gettempdir(), 'out', 'out.txt')
with open(path, 'w') as f:
    f.write('1')
print(open(path).read())
os.remove(path)
"""


def main():
    told = table()
    h.equal("each row of the table is tried", sorted(r[0] for r in ROWS), sorted(name for name, _ in told))
    for name, warned, advised in ROWS:
        python = python_with(name)
        if not python:
            h.skip(name, "no interpreter here has it")
            continue
        box = h.place()
        h.native([python, "-c", PREPARE, box])
        advice = dict(told)[name]
        run = h.proctor([h.put(box, "solve.py", warned)], "--python", python, cwd=box)
        # Where a library only looks around, and finds nothing, it is told with --all.
        explained = json.loads(h.explained(run.log_path, "--json", "--all"))["refusals"]
        h.check(
            f"{name}: what is refused is told so",
            explained and any(r["fix"].get("advice") == advice for r in explained),
            run, [r["fix"] for r in explained], [r.get("messages") for r in explained],
        )
        run = h.proctor([h.put(box, "solve.py", advised)], "--python", python, cwd=box)
        h.check(f"{name}: the advice works", run.status == 0 and run.out and run.verdict.get("violations") == 0, run, run.refused())
    scratch()
    h.finish()


main()
