# SPDX-License-Identifier: Apache-2.0
"""Programs as people submit them: what they print is the same however often they run."""

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
print(sorted(os.environ.items()), os.getcwd(), os.readlink("/proc/self/cwd"), [(os.path.realpath(p), os.lstat(p).st_mode, os.stat(p).st_ino) for p in ("/proc/self/cwd", "/proc/self/exe")], os.umask(0o22), os.getuid(), os.getgroups())
print(sys.stdin.encoding, sys.stdout.encoding, sys.stdout.isatty(), sys.stdin.fileno(), sys.getfilesystemencoding())
print(os.cpu_count(), os.sched_getaffinity(0), os.getloadavg() is not None, os.uname().release)
print(locale.getlocale(), locale.setlocale(locale.LC_ALL, ''), os.path.expanduser('~'), os.get_terminal_size.__name__)
print(os.get_blocking(0), os.fstat(0).st_mode, os.getpgrp() == os.getsid(0) or os.getpgid(0) == os.getpgrp())
""",
}
