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

FULL = os.environ.get("LIVE_FULL") == "1"
BIG_STDIN_MIB = int(os.environ.get("BIG_STDIN_MIB", "64"))

PROGRAMS = {
    "json": "import json; print(json.dumps(json.loads('{\"a\": [1, 2.5, null, \"\\u00e9\"]}'), sort_keys=True, indent=1))",
    "re": "import re; print(re.findall(r'(\\w+)@(\\w+)\\.com', 'a@b.com cc@dd.com'), re.sub('x+', '-', 'axxbxc'))",
    "decimal and fractions": """
from decimal import Decimal, getcontext
from fractions import Fraction
getcontext().prec = 60
print(Decimal(2).sqrt(), Fraction(3, 7) + Fraction(1, 3))
""",
    "collections, itertools, functools, heapq, bisect": """
import bisect, collections, functools, heapq, itertools
print(collections.Counter('mississippi').most_common(2), collections.OrderedDict(a=1))
print(list(itertools.islice(itertools.permutations(range(5)), 3)))
print(functools.reduce(lambda a, b: a * b, range(1, 20)), heapq.nsmallest(3, [5, 1, 4, 2]), bisect.bisect([1, 3, 5], 4))
@functools.lru_cache(None)
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(200), fib.cache_info())
""",
    "dataclasses, typing, enum": """
import dataclasses, enum, typing
@dataclasses.dataclass(order=True)
class P:
    x: int
    y: typing.Optional[int] = None
class C(enum.Enum):
    A = 1
print(P(1), P(1, 2) == P(1, 2), C.A, typing.get_type_hints(P))
""",
    "datetime with zoneinfo": """
import datetime, time
try:
    import zoneinfo
    for name in 'Europe/Berlin', 'America/New_York', 'UTC':
        print(datetime.datetime(2024, 7, 1, tzinfo=zoneinfo.ZoneInfo(name)).isoformat())
    print(len(zoneinfo.available_timezones()) > 100)
    zoneinfo.ZoneInfo('No/Such')
except Exception as e:
    print(type(e).__name__, e)
print(datetime.datetime.fromtimestamp(0).isoformat(), time.tzname, time.strftime('%A', time.gmtime(0)))
""",
    "random, hashlib, struct, csv, unicodedata": """
import csv, hashlib, io, random, struct, unicodedata
random.seed(7); print([random.randrange(1000) for _ in range(8)], random.gauss(0, 1))
for name in sorted(hashlib.algorithms_guaranteed):
    x = hashlib.new(name, b'abc'); print(name, x.hexdigest(8) if name.startswith('shake') else x.hexdigest())
print(hashlib.pbkdf2_hmac('sha256', b'a', b'b', 100).hex(), struct.pack('<IhQ', 1, -2, 3))
out = io.StringIO(); csv.writer(out).writerows([[1, 'a,b'], [2, 'c"d']]); print(repr(out.getvalue()))
print(unicodedata.normalize('NFD', '\\u00e9'), unicodedata.name('\\u2603'), random.SystemRandom().random() < 1)
""",
    "sqlite3 in memory": """
import sqlite3
db = sqlite3.connect(':memory:')
db.execute('create table t(a, b)')
db.executemany('insert into t values (?, ?)', [(i, str(i)) for i in range(5000)])
db.commit()
db.execute('create index i on t(b)')
print(db.execute('select sum(a), count(*), max(b) from t where a % 3 = 0').fetchone())
print(db.execute('select b from t order by b desc, a limit 5').fetchall())
""",
    "ctypes": """
import ctypes, ctypes.util
libc = ctypes.CDLL(None)
print(libc.abs(-5), libc.strlen(b'four'))
compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))(lambda a, b: a[0] - b[0])
numbers = (ctypes.c_int * 6)(5, 3, 9, 1, 7, 2)
libc.qsort(numbers, 6, 4, compare)
print(list(numbers), ctypes.CDLL('libm.so.6').abs(-3))
""",
    "cProfile": """
import cProfile, io, pstats, re
p = cProfile.Profile(); p.enable(); sorted(map(str, range(1000))); p.disable()
out = io.StringIO(); pstats.Stats(p, stream=out).print_stats()
print(re.findall(r'(\\d+) function calls', out.getvalue()))
""",
    "sys.settrace and sys.setprofile": """
import sys
seen = []
def trace(frame, event, arg):
    seen.append((event, frame.f_code.co_name)); return trace
def f(): return 1
sys.settrace(trace); f(); sys.settrace(None)
sys.setprofile(lambda *a: seen.append(a[1])); f(); sys.setprofile(None)
print(seen)
""",
    "tracemalloc": """
import tracemalloc
tracemalloc.start(5); x = ['a' * i for i in range(1000)]
s = tracemalloc.take_snapshot().statistics('lineno')
print(s[0].traceback[0].lineno, tracemalloc.get_traced_memory()[0] > 100000)
""",
    "faulthandler": """
import faulthandler, sys, threading
faulthandler.enable()
def f(): faulthandler.dump_traceback(all_threads=True)
f()
faulthandler.dump_traceback_later(0.05, exit=True)
threading.Event().wait()
""",
    "the ids that files are opened with": """
import ctypes, os
libc = ctypes.CDLL(None)
for call, own in (libc.setfsuid, os.geteuid()), (libc.setfsgid, os.getegid()):
    print(call(-1) == own, call(own) == own, call(-1) == own)
""",
    "a crash told by faulthandler": "import faulthandler, ctypes; faulthandler.enable(); ctypes.string_at(0)",
    "threading": """
import threading
total, lock = 0, threading.Lock()
def work(n):
    global total
    for i in range(n):
        with lock: total += i
ts = [threading.Thread(target=work, args=(2000,)) for _ in range(8)]
[t.start() for t in ts]; [t.join() for t in ts]
b = threading.Barrier(4); e = threading.Event(); c = threading.Condition()
ws = [threading.Thread(target=b.wait) for _ in range(3)]; [w.start() for w in ws]; b.wait(); [w.join() for w in ws]
threading.Timer(0.01, e.set).start(); e.wait()
print(total, threading.active_count() >= 1)
""",
    "concurrent.futures and queue": """
import concurrent.futures as cf, queue, threading
with cf.ThreadPoolExecutor(4) as pool:
    print(list(pool.map(lambda x: x * x, range(20))), pool.submit(pow, 2, 10).result())
q = queue.Queue(3)
def put():
    for i in range(50): q.put(i)
    q.put(None)
threading.Thread(target=put).start()
print(sum(iter(q.get, None)))
try: queue.Queue().get(timeout=0.01)
except queue.Empty: print('empty')
""",
    "asyncio": """
import asyncio, signal, os, socket
async def main():
    print(await asyncio.gather(*(asyncio.sleep(0.001 * i, i) for i in range(10))))
    loop = asyncio.get_running_loop()
    print(await loop.run_in_executor(None, sum, range(100)))
    got = loop.create_future()
    loop.add_signal_handler(signal.SIGUSR1, got.set_result, 'signal')
    os.kill(os.getpid(), signal.SIGUSR1)
    print(await got)
    a, b = socket.socketpair(); a.setblocking(False); b.setblocking(False)
    reader, writer = await asyncio.open_connection(sock=a)
    writer.write(b'hello\\n'); await writer.drain()
    print(await loop.sock_recv(b, 100)); await loop.sock_sendall(b, b'back\\n'); print(await reader.readline())
    r, w = os.pipe()
    pipe = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(pipe), os.fdopen(r, 'rb'))
    os.write(w, b'pipe'); os.close(w); print(await pipe.read())
    try: await asyncio.wait_for(asyncio.sleep(9), 0.01)
    except asyncio.TimeoutError: print('timeout')
    writer.close(); b.close()
asyncio.run(main())
""",
    "select, poll, epoll, pipes, eventfd": """
import os, select, socket
r, w = os.pipe(); os.write(w, b'x')
print(select.select([r], [w], [], 0)[0] == [r])
p = select.poll(); p.register(r, select.POLLIN); print(p.poll(0) == [(r, 1)])
e = select.epoll(); e.register(r, select.EPOLLIN); print(e.poll(0) == [(r, 1)])
a, b = socket.socketpair(); a.send(b'abc'); print(b.recv(10)); a.shutdown(socket.SHUT_WR); print(b.recv(10))
os.set_blocking(r, False); os.read(r, 1)
try: os.read(r, 1)
except BlockingIOError as x: print(x)
""",
    "signals": """
import os, signal, time
log = []
signal.signal(signal.SIGUSR1, lambda *a: log.append(a[0]))
os.kill(os.getpid(), signal.SIGUSR1); signal.raise_signal(signal.SIGUSR1)
signal.signal(signal.SIGALRM, lambda *a: log.append('alarm'))
signal.setitimer(signal.ITIMER_REAL, 0.01); signal.pause(); time.sleep(0.01)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2]); os.kill(os.getpid(), signal.SIGUSR2)
print([int(x) if not isinstance(x, str) else x for x in log], [int(s) for s in signal.sigpending()])
print(signal.sigwait([signal.SIGUSR2]))
""",
    "deep recursion": """
import sys, threading
def deep(n): return 0 if n == 0 else 1 + deep(n - 1)
sys.setrecursionlimit(200000); threading.stack_size(512 << 20)
t = threading.Thread(target=lambda: print(deep(50000))); t.start(); t.join()
sys.setrecursionlimit(1000)
try: deep(10000)
except RecursionError as e: print(type(e).__name__)
""",
    "files in the script's directory": """
import glob, linecache, os, pathlib
here = os.path.dirname(os.path.abspath(__file__))
print(sorted(os.listdir(here)) == sorted(p.name for p in pathlib.Path(here).iterdir()))
total = 0
with open(here + '/data.txt') as data:
    for line in data: total += int(line)
print(total, os.stat(here + '/data.txt').st_size, os.path.getsize('data.txt'), glob.glob('da*.txt'))
print(open('data.txt', 'rb').read(7), linecache.getline('data.txt', 3), os.access('data.txt', os.R_OK))
with open('data.txt', 'rb') as f: f.seek(-5, 2); print(f.read(), f.tell())
print([sorted(x[2])[:1] for x in os.walk(here + '/package')], os.path.realpath('link.txt') == here + '/data.txt')
print(os.path.exists('nothing'), os.path.isdir('package'), os.path.islink('link.txt'), os.readlink('link.txt'))
for bad in 'nothing', 'data.txt/x', 'package':
    try: open(bad)
    except OSError as e: print(type(e).__name__, e.errno, e)
""",
    "modules and packages beside the script": """
import beside, package, package.inner
from package import inner
import importlib.resources, inspect, pkgutil
print(beside.name, package.value, inner.value, pkgutil.get_data('package', 'text.txt'))
print(inspect.getsource(beside), [m.name for m in pkgutil.iter_modules(package.__path__)])
try: import no_such_module
except ImportError as e: print(e)
""",
    "mmap": """
import mmap
m = mmap.mmap(-1, 1 << 20); m[:5] = b'hello'; print(m[:5], m.find(b'l'), len(m)); m.close()
with open('data.txt', 'rb') as f:
    m = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ); print(m[:6], m.rfind(b'1')); m.close()
    m = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_COPY); m[:2] = b'xx'; print(m[:6]); m.close()
""",
    "compression, pickle, base64": """
import base64, bz2, gzip, lzma, pickle, zlib
for m in bz2, gzip, lzma, zlib: print(m.__name__, m.decompress(m.compress(b'abc' * 1000)) == b'abc' * 1000)
print(pickle.loads(pickle.dumps({'a': [1, (2, 3)]})), base64.b64encode(b'abc'))
""",
    "what a program sees of itself": """
import locale, os, sys
print(sys.argv[1:], sys.version, sys.executable, sys.prefix, sys.base_prefix, sys.path, tuple(sys.flags))
print(sorted(os.environ.items()), os.getcwd(), os.umask(0o22), os.getuid(), os.getgroups())
print(sys.stdin.encoding, sys.stdout.encoding, sys.stdout.isatty(), sys.stdin.fileno(), sys.getfilesystemencoding())
print(os.cpu_count(), os.sched_getaffinity(0), os.getloadavg() is not None, os.uname().release)
print(locale.getlocale(), locale.setlocale(locale.LC_ALL, ''), os.path.expanduser('~'), os.get_terminal_size.__name__)
print(os.get_blocking(0), os.fstat(0).st_mode, os.getpgrp() == os.getsid(0) or os.getpgid(0) == os.getpgrp())
""",
}

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
