#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What people submit does the same under proctor as without it: stdout, stderr and exit status.

Every program below is run natively and under proctor, by every interpreter of this machine from
3.9 on; none may be refused anything. Older ones have to start and import.
BIG_STDIN_MIB says how long the long stdin is (default 64; 1024 for the full length). How a program
ends and what it does with stdin has little to do with the version of Python: those programs are
run by one interpreter, and by all with LIVE_FULL=1.
"""

import concurrent.futures
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
import harness as h
from identical_programs import PROGRAMS

FULL = os.environ.get("LIVE_FULL") == "1"
BIG_STDIN_MIB = int(os.environ.get("BIG_STDIN_MIB", "64"))

ONCE = {
    "stdin by input()": """
import sys
n = int(input())
print(sum(int(input()) for _ in range(n)), repr(sys.stdin.readline()), repr(sys.stdin.read()))
try: input()
except EOFError as e: print(e)
""",
    "binary stdin and stdout": """
import sys
data = sys.stdin.buffer.read()
sys.stdout.buffer.write(bytes(range(256)) + data[::-1]); sys.stderr.buffer.write(b'\\xff\\x00\\n')
""",
    "the time and sleep": """
import time
a = time.monotonic(); time.sleep(0.05); b = time.monotonic(); print(0.05 <= b - a < 5)
print(time.perf_counter() > 0, time.process_time() > 0, time.thread_time() > 0, time.time() > 1e9, time.get_clock_info('monotonic').resolution)
""",
    "memory": """
x = bytearray(100 << 20); x[::4096] = b'a' * len(x[::4096]); print(len(x), sum(x[::4096])); del x
y = [list(range(100)) for _ in range(20000)]; print(sum(map(len, y)))
import gc, weakref; del y; gc.collect(); print(gc.isenabled())
try: bytearray(1 << 46)
except MemoryError: print('MemoryError')
""",
    "logging, warnings, argparse": """
import argparse, logging, warnings
logging.basicConfig(level=logging.DEBUG, format='%(levelname)s %(name)s %(threadName)s %(message)s'); logging.info('x %d', 1)
warnings.warn('careful')
argparse.ArgumentParser(prog='p').parse_args(['--nothing'])
""",
    "the processor's extended registers (AMX), where there are any": """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
mask = ctypes.c_uint64(0)
for option, arg in ((0x1021, ctypes.addressof(mask)), (0x1023, 18), (0x1022, ctypes.addressof(mask))):
    print(hex(option), libc.syscall(158, option, ctypes.c_ulong(arg)), ctypes.get_errno(), hex(mask.value))
""",
    "an exception that nobody catches": "def f(x):\n    return 1 / x\nprint('before')\nf(0)\n",
    "sys.exit with a text": "import sys; sys.exit('told on stderr')",
    "sys.exit(7)": "import sys; print('x'); sys.exit(7)",
    "os._exit(255)": "import os; os._exit(255)",
    "os.abort()": "import os; os.abort()",
    "SIGTERM to itself": "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
    "SIGKILL to itself": "import os, signal; print('x', flush=True); os.kill(os.getpid(), signal.SIGKILL)",
    "a segmentation fault": "import ctypes; print('x', flush=True); ctypes.string_at(0)",
    "KeyboardInterrupt": "import os, signal, time; print('x', flush=True); os.kill(os.getpid(), signal.SIGINT); time.sleep(5)",
    "atexit, __del__ and daemon threads at the end": """
import atexit, threading, time
atexit.register(print, 'atexit')
class D:
    def __del__(self): print('del')
d = D(); threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
""",
    "a syntax error": "def f(:\n",
    "a raise while stdout is full of text": "import sys\nfor i in range(20000): print('line', i)\nraise ValueError('after')",
    "exec, compile, ast, dis, code": """
import ast, code, dis, io, contextlib, traceback
exec(compile('x = 2 ** 10', '<made>', 'exec')); print(x, ast.dump(ast.parse('a+b')))
try: eval('1 +')
except SyntaxError: print(traceback.format_exc())
code.InteractiveInterpreter().runsource('print(40 + 2)')
""",
    "tests by unittest": """
import io, unittest
def f(): return 1
class T(unittest.TestCase):
    def test(self): self.assertEqual(f(), 1)
print(unittest.TextTestRunner(stream=io.StringIO()).run(unittest.defaultTestLoader.loadTestsFromTestCase(T)))
""",
}

NUMPY = """
import numpy as np
rng = np.random.default_rng(1)
a = rng.standard_normal((400, 400)); b = a @ a.T
print(round(float(np.trace(b)), 6), np.linalg.matrix_rank(b), np.allclose(np.linalg.inv(b) @ b, np.eye(400), atol=1e-5))
print(np.sort(rng.integers(0, 100, 10)), np.fft.fft(np.ones(4)), np.loadtxt('data.txt').sum())
"""

NAMES = """json re decimal collections dataclasses typing datetime zoneinfo random hashlib struct csv sqlite3
unicodedata ctypes cProfile tracemalloc faulthandler threading concurrent.futures queue asyncio multiprocessing
locale string math cmath fractions itertools functools operator bisect heapq copy pprint textwrap io os os.path time
calendar enum types contextlib inspect traceback pickle base64 binascii zlib gzip bz2 lzma array statistics secrets
uuid argparse logging unittest timeit ast dis token tokenize keyword graphlib numbers abc weakref gc signal select
selectors socket ssl readline shutil tempfile glob fnmatch pathlib html xml.etree.ElementTree codecs encodings.idna
doctest subprocess platform getpass resource mmap pdb trace code profile pstats"""

IMPORTS = """
import sys
for name in "%s".split():
    try:
        __import__(name)
    except ImportError:
        pass
import hashlib, locale, random, time, datetime
time.localtime(); datetime.datetime.now(); hashlib.sha256(b"x").hexdigest(); random.random()
try:
    locale.setlocale(locale.LC_ALL, "")
except locale.Error:
    pass
print("done")
"""

HEX = re.compile(rb"0x[0-9a-f]{6,}")
NAMED = re.compile(rb"([Tt]hread 0x) \[[^]]*\]")  # CPython 3.14 tells names of threads, which are hidden


def prepare():
    box = h.place()
    h.put(box, "data.txt", "".join(f"{i}\n" for i in range(100000)))
    h.put(box, "beside.py", "name = 'beside'\n")
    h.put(box, "package/__init__.py", "value = 1\n")
    h.put(box, "package/inner.py", "value = 2\n")
    h.put(box, "package/text.txt", "text")
    h.put(box, "package/__main__.py", "import sys; print('main', sys.argv[1:], __name__)\n")
    os.symlink("data.txt", box + "/link.txt")
    return box


STDIN = b"3\n10\n20\n30\nrest of a line\n\xc3\xa9 and more\n"


def same(sentence, words, box, options=(), **how):
    """Runs natively and under proctor; the differences, for compare()."""
    how.setdefault("stdin", STDIN)
    bare = h.native(words, cwd=box, **how)
    run = h.proctor(words, *options, cwd=box, directory=LOGS, **how)
    return sentence, bare, run


def tell(result):
    sentence, bare, run = result

    def normal(text):
        return NAMED.sub(rb"\1", HEX.sub(b"0x", text or b""))

    # A program that a signal ended: proctor's status is 128 + the signal, as a shell's.
    status = bare.status if not isinstance(bare.status, int) or bare.status >= 0 else 128 - bare.status
    h.check(
        sentence,
        (run.status, normal(run.out), normal(run.err)) == (status, normal(bare.out), normal(bare.err))
        and run.verdict.get("violations") == 0,
        f"native: {bare.status} {h.short(bare.out)} {h.short(bare.err)}",
        f"proctor: {run}",
        f"refused: {[(r['event']['action'], r.get('file')) for r in run.refused()[:5]]}",
    )
    for path in run.log_path, run.verdict_path:
        if os.path.exists(path):
            os.unlink(path)


def all_programs(box, version, python):
    label = f"{'.'.join(map(str, version))} ({'Debian' if python == h.SYSTEM_PYTHON else 'pyenv'})"
    programs = {**PROGRAMS, **ONCE} if FULL or python == h.PYTHON else PROGRAMS
    scripts = [(name, h.put(box, f"p{i}.py", text.lstrip("\n"))) for i, (name, text) in enumerate(programs.items())]
    h.title(f"Python {label}")
    jobs = [
        (f"{label}: {name}", [python, os.path.basename(path), "one", "two words", "\udcff"], box)
        for name, path in scripts
    ]
    run_all(jobs)


def run_all(jobs):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for result in pool.map(lambda job: same(*job), jobs):
            tell(result)


def nothing_refused(version, python, box):
    """Starting, importing and exiting: not one refusal, violation or not."""
    # Before 3.9 importing uuid starts programs (ctypes.util.find_library).
    names = [name for name in NAMES.split() if name != "uuid" or version >= (3, 9)]
    script = h.put(box, "imports.py", IMPORTS % " ".join(names))
    run = h.proctor([python, script], cwd=box)
    denied = [r for r in run.calls() if r["decision"]["action"] in ("deny", "kill")]
    h.check(
        f"{'.'.join(map(str, version))}: starts, imports the standard library and exits without a refusal",
        run.status == 0 and run.out == b"done\n" and run.verdict.get("violations") == 0 and not denied,
        run,
        [(r["event"]["action"], r["syscall"]["args"], r.get("file")) for r in denied[:5]],
    )


def ways_to_start(box):
    python = h.PYTHON
    h.title("Ways to start")
    script = h.put(
        box, "start.py", "import sys; print(sys.argv, sys.path[0], __name__, __file__); print(sys.stdin.read())"
    )
    run_all(
        [
            ("a script by its absolute path", [python, script, "x"], box),
            ("a script by a path with ..", [python, "package/../start.py"], box),
            ("-c", [python, "-c", "import sys; print(sys.argv, sys.path[0] == '', sys.stdin.read())", "x"], box),
            ("-m of the standard library", [python, "-m", "json.tool", "--help"], box),
            ("-m of a package beside", [python, "-m", "package", "x"], box),
            ("-I -S -E -B -u -O", [python, "-I", "-S", "-E", "-B", "-u", "-O", "start.py"], box),
            ("-X faulthandler -W error", [python, "-X", "faulthandler", "-W", "error", "start.py"], box),
            ("a directory with __main__.py", [python, "package", "x"], box),
            ("an option that Python has not", [python, "--nonsense"], box),
        ]
    )
    source = b"import sys\nprint('from stdin', sys.argv, __name__)\nraise SystemExit(4)\n"
    tell(same("a program on standard input", [python, "-", "x"], box, stdin=source))
    tell(same("a program on standard input without a -", [python], box, stdin=source))
    # SCRIPT.py, with and without --python: argv[0] and the interpreter are as if started by hand.
    bare = h.native([python, script, "x"], cwd=box)
    run = h.proctor([script, "x"], "--python", python, cwd=box)
    h.check(
        "SCRIPT.py with --python is PYTHON SCRIPT.py",
        (run.status, run.out, run.err) == (0, bare.out, bare.err),
        bare,
        run,
    )
    env = h.clean_env(PATH=os.path.dirname(python) + ":/usr/bin:/bin")
    run = h.proctor([script, "x"], cwd=box, env=env)
    h.check("SCRIPT.py alone is python3 SCRIPT.py", (run.status, run.out) == (0, bare.out), bare, run)
    run = h.proctor(["python3", "start.py", "x"], cwd=box, env=env)
    h.check("a program found in PATH", run.status == 0 and b"'x'" in run.out, run)
    os.chmod(h.put(box, "hash-bang.py", f"#!{python} -B\nimport sys; print(sys.argv[1:])\n"), 0o755)
    run = h.proctor(["./hash-bang.py", "x"], cwd=box)
    h.check("an executable script by its #! line", (run.status, run.out) == (0, b"['x']\n"), run)


def virtual_environment(box):
    h.title("Virtual environments")
    for version, python in [i for i in h.interpreters() if i[0][:2] in ((3, 9), (3, 11), (3, 13))][:3]:
        where = os.path.join(box, "venv" + str(version[1]))
        made = subprocess.run([python, "-m", "venv", "--without-pip", where], capture_output=True)
        if made.returncode:
            # Debian's python3 without python3-venv.
            h.skip(f"a virtual environment of {python}", made.stdout.decode(errors="replace").strip()[:100])
            continue
        library = [d for d in os.listdir(where + "/lib")][0]
        h.put(where, f"lib/{library}/site-packages/installed.py", "name = 'installed'\n")
        run_all(
            [
                (
                    f"a venv of {'.'.join(map(str, version))}: its packages, prefix and paths",
                    [
                        where + "/bin/python",
                        "-c",
                        "import sys, installed, json, ssl, site; print(sys.prefix, sys.base_prefix, "
                        "sys.path, installed.name, installed.__file__, site.getsitepackages())",
                    ],
                    box,
                )
            ]
        )
        run = h.proctor(
            [h.put(box, "in_venv.py", "import installed; print(installed.name)")],
            "--python",
            where + "/bin/python",
            cwd=box,
        )
        h.check(
            "the same by --python", (run.status, run.out, run.verdict.get("violations")) == (0, b"installed\n", 0), run
        )
        shutil.rmtree(where)


def big_stdin(box):
    h.title(f"{BIG_STDIN_MIB} MiB of standard input")
    block = bytes(range(256)) * 4096
    program = (
        "import sys, hashlib\nd = hashlib.sha1()\nn = 0\n"
        "for line in sys.stdin.buffer:\n    d.update(line); n += len(line)\nprint(n, d.hexdigest())\n"
    )
    script = h.put(box, "big.py", program)
    path = os.path.join(box, "big.bin")
    with open(path, "wb") as out:
        for _ in range(BIG_STDIN_MIB):
            out.write(block)
    results = []
    for kind in "file", "pipe":
        for runner in h.native, h.proctor:
            with open(path, "rb") as data:
                if kind == "file":
                    results.append(runner([h.PYTHON, script], stdin=data, cwd=box, timeout=600))
                else:
                    feeder = subprocess.Popen(["cat", path], stdout=subprocess.PIPE)
                    results.append(runner([h.PYTHON, script], stdin=feeder.stdout, cwd=box, timeout=600))
                    feeder.stdout.close()
                    feeder.wait()
        bare, run = results[-2:]
        h.check(
            f"all of it arrives from a {kind}",
            run.status == 0 and run.out == bare.out and run.out.startswith(b"%d " % (BIG_STDIN_MIB << 20)),
            bare,
            run,
        )
    os.unlink(path)


LOGS = h.place()
arena = prepare()
for found in h.interpreters():
    all_programs(arena, *found)
ways_to_start(arena)
h.title("Starting is not refused anything")
for found in h.interpreters((2, 7)):
    nothing_refused(*found, arena)
virtual_environment(arena)
h.title("numpy")
if h.native([h.PYTHON, "-c", "import numpy"]).status == 0:
    h.put(arena, "np.py", NUMPY)
    for threads in "1", "2":
        tell(
            same(
                f"numpy with {threads} BLAS thread(s)",
                [h.PYTHON, "np.py"],
                arena,
                ("--env", f"OPENBLAS_NUM_THREADS={threads}"),
                env=h.clean_env(OPENBLAS_NUM_THREADS=threads),
            )
        )
else:
    h.skip("numpy", "Debian's python3-numpy is not installed")
big_stdin(arena)
h.equal("no process is left", h.survivors(), [])
h.finish()
