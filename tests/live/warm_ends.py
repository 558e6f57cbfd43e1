#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How programs end that were forked from a held interpreter: whatever only a whole end shows is shown, whether the pool
is of exact or of quick ends; and where nothing is to be shown, a quick end is short, and said to be.
"""

import os
import re
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
import harness as h
import schema

if h.not_held():
    h.skip_all(h.not_held())
WHERE = h.place()
SUBMISSION = os.path.join(WHERE, "sub")
os.mkdir(SUBMISSION)
VERDICT = schema.load("verdict.schema.json")

# In these nobody could tell. The status is what it would be.
SHORT = {
    "nothing": "pass",
    "objects of a class": "class A: pass\nx = [A() for i in range(100)]\nprint(len(x))",
    "exit functions": "import atexit\natexit.register(print, 'bye')",
    "a status": "print('x', end='')\nraise SystemExit(3)",
    "an exception": "1/0",
}
# In these somebody could.
WHOLE = {
    "a finalizer": "class D:\n def __del__(self): print('del')\nd = D()",
    "of what the collector does not know": "class D:\n __slots__ = ()\n def __del__(self): print('del')\nd = D()",
    "given to a class of a preload": "import decimal\ndecimal.DecimalException.__del__ = lambda self: print('del')\nx = decimal.DecimalException()",
    "in a class of a preload": "import json, os\nclass D:\n def __del__(self, w=os.write): w(1, b'del')\njson.JSONDecoder.x = D()",
    "that the program's own collection finds": "import ctypes, json, os, sys\nclass D:\n def __del__(self, w=os.write): w(1, b'del')\n"
    "json.JSONDecoder.x = D()\ndel sys.modules['json'], json\nctypes.pythonapi.PyGC_Collect()\nos.write(1, b'then')",
    "a weak reference": "import weakref\nclass D: pass\nd = D()\nr = weakref.ref(d, lambda _: print('gone'))",
    "weakref.finalize": "import weakref\nclass D: pass\nd = D()\nweakref.finalize(d, print, 'end')",
    "a generator": "def g():\n try: yield\n finally: print('closed')\nx = g(); next(x)",
    "a file, with warnings": "import warnings\nwarnings.simplefilter('always')\nf = open(__file__)",
    "a directory, with warnings": "import os, warnings\nwarnings.simplefilter('always')\nf = os.scandir('.'); next(f)",
    "an audit hook": "import sys\ndef f(e, a):\n if 'clear' in e.lower() or e.startswith('gc'): print(e, flush=True)\nsys.addaudithook(f)",
    "a trace function": "import sys\nsys.settrace(lambda f, e, a: print(e, f.f_code.co_name))",
    "a tool of sys.monitoring": "import sys\nif hasattr(sys, 'monitoring'):\n m = sys.monitoring; m.use_tool_id(2, 'x')\n"
    " m.register_callback(2, m.events.PY_START, lambda c, o: print(c.co_name)); m.set_events(2, m.events.PY_START)\n"
    "else:\n class D:\n  def __del__(self): print('del')\n d = D()",
    "the collector's callbacks": "import gc, os\ngc.callbacks.append(lambda p, i, w=os.write: w(1, p.encode()))",
    "another stdout": "import io, os, sys\nclass S(io.StringIO):\n def flush(self, w=os.write): w(1, b'flush')\nsys.stdout = S()",
    "a stdout that cannot be flushed": "import os\nprint('x')\nos.close(1)",
    "a flush of the program's own": "import os, sys\nsys.stdout.buffer.flush = lambda w=os.write: w(2, b'flushed ')",
    "a stdout that was made anew": "import sys\nsys.stdout.__init__(open(2, 'wb', closefd=False))\nprint('there')",
    "Py_AtExit": "import ctypes\nw = ctypes.CDLL(None).write\n@ctypes.CFUNCTYPE(None)\ndef f(): w(1, b'c exit\\n', 7)\nctypes.pythonapi.Py_AtExit(f)",
    "more objects than are looked at": "x = [[] for i in range(300000)]",
}


def pool(mode):
    path = os.path.join(WHERE, mode)
    child = subprocess.Popen([h.PROCTOR, "pool", "-q", "--listen", path, "--python", h.PYTHON, "--mode", mode, "--preload", "decimal,json"],
                             stdin=subprocess.DEVNULL, env=h.clean_env())
    h.wait_for(lambda: os.path.exists(path))
    return path, child


def seen(run):
    # Addresses differ from one process to the next.
    return run.status, run.out, re.sub(rb"0x[0-9a-f]+", b"0x", run.err)


pools = {mode: pool(mode) for mode in ("quick", "exact")}
for programs, short in (SHORT, True), (WHOLE, False):
    h.title("nobody could tell" if short else "somebody could")
    for name, text in programs.items():
        h.put(SUBMISSION, "run.py", text + "\n")
        cold = h.proctor(["run.py"], "--python", h.PYTHON, log=False, cwd=SUBMISSION)
        for mode in ("quick",) if short else pools:
            warm = h.proctor(["run.py"], "--python", h.PYTHON, "--warm", pools[mode][0], log=False, cwd=SUBMISSION)
            h.equal(f"{name}, {mode}: it is", warm.verdict["warm"]["mode"], mode)
            h.equal(f"{name}, {mode}: status and output are those of a cold one", seen(warm), seen(cold))
            h.equal(f"{name}, {mode}: finalised", warm.verdict["warm"]["finalised"], not short)

h.title("what is said of it")
h.put(SUBMISSION, "run.py", SHORT["nothing"])
quick = h.proctor(["run.py"], "--python", h.PYTHON, "--warm", pools["quick"][0], cwd=SUBMISSION)
h.equal("the verdict is one", schema.offences(quick.verdict, VERDICT), [])
h.equal("the start record says what it may be", quick.records[0]["settings"]["warm"]["mode"], "quick")
h.equal("the end record what it was", quick.records[-1]["finalised"], False)
os.mkdir(os.path.join(SUBMISSION, "out"))
writes = h.proctor(["run.py"], "--python", h.PYTHON, "-w", "out", "--warm", pools["quick"][0], log=False, cwd=SUBMISSION)
h.equal("who may write ends exactly: finalizers of C would show there",
        (writes.verdict["warm"]["mode"], writes.verdict["warm"]["finalised"]), ("exact", True))
h.put(SUBMISSION, "run.py", "import signal\nprint('x', flush=True)\nsignal.raise_signal(signal.SIGTRAP)")
trap = h.proctor(["run.py"], "--python", h.PYTHON, "--warm", pools["quick"][0], cwd=SUBMISSION)
h.equal("a SIGTRAP of the program's own is its own", (trap.out, trap.status), (b"x\n", 128 + signal.SIGTRAP))
for path, child in pools.values():
    child.terminate()
    h.equal("the pool ends", child.wait(10), 0)
h.finish()
