#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Names in /dev/shm are the run's own: what semaphores and shared memory do with them is what it is without
proctor, the real directory is neither read nor written, nothing is left, and all of it counts as memory."""

import json
import os
import subprocess
import sys

sys.dont_write_bytecode = True
import harness as h

# Each answer is comparable: natively the same names are made in the real directory.
CALLS = r"""
import ctypes, errno, fcntl, json, mmap, os, stat, sys, threading
mark = sys.argv[1]
results = []
def name(n): return "/dev/shm/proctor-test-" + mark + n
def run(what, fn, *args):
    try: r = fn(*args)
    except OSError as e: r = errno.errorcode[e.errno]
    results.append((what, r))
    return r
NEW = os.O_CREAT | os.O_EXCL | os.O_RDWR
def about(fd):
    st = os.fstat(fd)
    return [oct(st.st_mode), st.st_size, fcntl.fcntl(fd, fcntl.F_GETFL) & 0o3, fcntl.fcntl(fd, fcntl.F_GETFD), st.st_uid == os.getuid()]
def opened(n, flags, mode=0o600):
    fd = os.open(name(n), flags, mode)
    r = about(fd)
    os.close(fd)
    return r
run("nothing there", opened, "a", os.O_RDWR)
run("stat of nothing", os.stat, name("a"))
run("unlink of nothing", os.unlink, name("a"))
run("link of nothing", os.link, name("a"), name("b"))
run("readlink of nothing", os.readlink, name("a"))
run("make", opened, "a", NEW)
run("make again", opened, "a", NEW)
run("make or open", opened, "a", os.O_CREAT | os.O_RDWR)
run("open for reading", opened, "a", os.O_RDONLY)
run("open for writing", opened, "a", os.O_WRONLY)
run("as a directory", opened, "a", os.O_RDONLY | os.O_DIRECTORY)
run("no follow", opened, "a", os.O_RDONLY | os.O_NOFOLLOW)
run("readlink", os.readlink, name("a"))
run("beneath", os.open, name("a") + "/x", os.O_RDONLY) if len(sys.argv) > 2 else None
os.umask(0o027)
run("a mode", opened, "m", NEW, 0o666)
run("make one that may only be read", opened, "ro", os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o400)
fd = os.open(name("a"), os.O_RDWR)
run("write", os.write, fd, b"0123456789")
run("cut", os.ftruncate, fd, 4)
run("grow", os.ftruncate, fd, 5000)
run("a negative size", os.ftruncate, fd, -1)
run("read", os.pread, fd, 6, 0) if False else run("read", lambda: os.pread(fd, 6, 0).decode())
run("stat", lambda: (os.stat(name("a")).st_size, os.stat(name("a")).st_nlink, oct(os.stat(name("a")).st_mode)))
run("lstat", lambda: os.lstat(name("a")).st_ino == os.fstat(fd).st_ino)
for mode in os.F_OK, os.R_OK, os.W_OK: run(f"access {mode}", os.access, name("a"), mode)
run("access of nothing", os.access, name("none"), os.F_OK)
run("link", os.link, name("a"), name("b"))
run("link to one that is there", os.link, name("a"), name("m"))
run("links", lambda: os.stat(name("b")).st_nlink)
run("unlink", os.unlink, name("a"))
run("unlink again", os.unlink, name("a"))
run("the other name", lambda: os.stat(name("b")).st_size)
m = mmap.mmap(fd, 5000)
other = os.open(name("b"), os.O_RDONLY)
m2 = mmap.mmap(other, 5000, prot=mmap.PROT_READ)
m[:4] = b"abcd"
run("two maps are one memory", lambda: m2[:4].decode())
run("and one file", lambda: os.pread(other, 4, 0).decode())
run("a map for writing of a descriptor for reading", lambda: len(mmap.mmap(other, 5000)))
run("a write to it", os.write, other, b"x")
run("cut by it", os.ftruncate, other, 1)
private = mmap.mmap(fd, 5000, flags=mmap.MAP_PRIVATE)
private[:4] = b"mine"
run("a private map is private", lambda: m[:4].decode())
os.unlink(name("b"))
run("memory outlives its name", lambda: m[:4].decode())
run("a new one under an old name", opened, "b", NEW)
run("which is empty", lambda: os.stat(name("b")).st_size)
w = os.open(name("b"), os.O_RDWR)
os.write(w, b"12345")
run("O_TRUNC", opened, "b", os.O_RDWR | os.O_TRUNC)
app = os.open(name("b"), os.O_WRONLY | os.O_APPEND)
os.write(w, b"abc"); os.write(app, b"def")
run("O_APPEND", lambda: os.pread(w, 10, 0).decode())
run("an offset of its own", lambda: (os.lseek(os.open(name("b"), os.O_RDONLY), 0, 1), os.lseek(w, 0, 1) > 0))
run("O_PATH", lambda: os.fstat(os.open(name("b"), os.O_PATH)).st_size)
run("a long name", opened, "n" * (255 - len("proctor-test-") - len(mark)), NEW)
run("one that is too long", opened, "n" * 256, NEW)
run("a name of bytes", lambda: os.close(os.open(os.fsencode(name("")) + b"\xff\n\x1b", NEW)))
run("inheritable", lambda: os.get_inheritable(os.open(name("b"), os.O_RDONLY)))
libc = ctypes.CDLL(None, use_errno=True)
def raw(*flags):
    fd = libc.open(name("b").encode(), *flags)
    return fcntl.fcntl(fd, fcntl.F_GETFD)
run("without O_CLOEXEC", raw, os.O_RDWR)
def threads():
    done = []
    def one(i):
        for k in range(40):
            fd = os.open(name(f"t{i}"), NEW)
            os.write(fd, bytes([i]))
            again = os.open(name(f"t{i}"), os.O_RDONLY)
            done.append(os.pread(again, 2, 0) == bytes([i]))
            os.unlink(name(f"t{i}"))
            os.close(fd); os.close(again)
    ts = [threading.Thread(target=one, args=(i,)) for i in range(6)]
    for t in ts: t.start()
    for t in ts: t.join()
    return done.count(True), len(done)
run("threads each get their own", threads)
for n in "m", "ro", "b", "n" * (255 - len("proctor-test-") - len(mark)): os.unlink(name(n))
os.unlink(os.fsencode(name("")) + b"\xff\n\x1b")
print(json.dumps(results))
"""

LIBRARIES = r"""
import ctypes, ctypes.util, os, sys, threading
import multiprocessing as mp
from multiprocessing.pool import ThreadPool
mp.set_start_method("fork")  # otherwise, and from 3.14 on by default, a process keeps account of semaphores
print(ThreadPool(4).map(lambda x: x * x, range(10)))
locks = [mp.Lock() for i in range(200)]
with locks[0], locks[199]: print("locked")
s = mp.Semaphore(3); s.acquire(); print(s.get_value())
c = mp.Condition(); e = mp.Event(); q = mp.SimpleQueue(); b = mp.Barrier(2)
t = threading.Thread(target=lambda: (b.wait(), e.set())); t.start(); b.wait(); print(e.wait(10)); t.join()
v = mp.Value('i', 7); a = mp.Array('d', [1, 2, 3]); a[1] = 5; print(v.value, a[:])
libc = ctypes.CDLL("libpthread.so.0")
libc.sem_open.restype = ctypes.c_void_p
one = libc.sem_open(b"/proctor-sem", os.O_CREAT, 0o600, 2)
two = libc.sem_open(b"/proctor-sem", 0)
print(one is not None and one == two, libc.sem_trywait(ctypes.c_void_p(two)), libc.sem_unlink(b"/proctor-sem"), libc.sem_unlink(b"/proctor-sem"))
if sys.version_info >= (3, 13):
    from multiprocessing import shared_memory
    x = shared_memory.SharedMemory(create=True, size=4096, track=False)
    y = shared_memory.SharedMemory(name=x.name, track=False)
    x.buf[0] = 7; print(y.buf[0]); y.close(); x.close(); x.unlink()
"""

REAL = r"""
import errno, os, sys
path = sys.argv[1]
def told(fn, *args):
    try: return fn(*args)
    except OSError as e: return errno.errorcode[e.errno]
print(told(lambda: open(path).read()), told(os.stat, path), told(os.unlink, path), told(os.link, path, path + "-2"),
      told(os.listdir, "/dev/shm"), told(os.open, path, os.O_CREAT | os.O_EXCL | os.O_RDWR),
      told(lambda: os.read(os.open(path, os.O_RDWR), 10)), told(os.unlink, path), told(open, "/dev/shm/../shm/" + os.path.basename(path)),
      told(os.mkdir, "/dev/shm/d"), told(os.symlink, path, "/dev/shm/l"), told(os.rename, "/dev/shm/l", path), told(os.chmod, path, 0o777),
      told(os.open, "/dev/shm/../shm", os.O_RDONLY), told(os.open, "/dev/shm/x/y", os.O_CREAT | os.O_RDWR))
"""

# Each takes 200 MiB in another way.
MEMORY = {
    "mapped": "fd = new('a'); os.ftruncate(fd, n); m = mmap.mmap(fd, n); m[:] = b'x' * n",
    "written and not mapped": "fd = new('a')\nfor i in range(n >> 20): os.write(fd, b'x' * (1 << 20))",
    "without a name": "fd = new('a'); os.unlink('/dev/shm/a')\nfor i in range(n >> 20): os.write(fd, b'x' * (1 << 20))",
    "mapped only": "fd = new('a'); os.ftruncate(fd, n); m = mmap.mmap(fd, n); os.unlink('/dev/shm/a'); os.close(fd); m[:] = b'x' * n",
    "named only": "fd = new('a')\nfor i in range(n >> 20): os.write(fd, b'x' * (1 << 20))\nos.close(fd)",
    "many": "for i in range(n >> 20):\n    fd = new(f'a{i}'); os.write(fd, b'x' * (1 << 20)); os.close(fd)",
}


def calls():
    script = h.put(h.place(), "calls.py", CALLS)
    for python in [h.PYTHON] + [p for v, p in h.interpreters() if v[:2] in ((3, 9), (3, 13))]:
        mark = str(os.getpid())
        bare = h.native([python, script, mark])
        for options in [], ["--memory", "1G", "--output", "1M", "--files", "200"]:
            run = h.proctor([python, script, mark], *options)
            if not h.check("the program runs to its end", run.status == 0, run):
                continue
            wanted, got = json.loads(bare.out), json.loads(run.out)
            for (what, native), (_, ours) in zip(wanted, got):
                h.equal(f"{what}: as natively", ours, native)
            h.equal("nothing is refused", [r["syscall"]["args"] for r in run.refused()], [])


def libraries():
    script = h.put(h.place(), "libraries.py", LIBRARIES)
    for version, python in h.interpreters():
        bare, run = h.native([python, script]), h.proctor([python, script])
        h.equal(f"{version}: semaphores and shared values", (run.status, run.out), (bare.status, bare.out))
        h.equal(f"{version}: nothing is refused", [(r["event"]["action"], r["syscall"]["args"]) for r in run.refused()], [])


def real():
    path = f"/dev/shm/proctor-real-{os.getpid()}"
    with open(path, "w") as f:
        f.write("SECRET")
    try:
        before = sorted(os.listdir("/dev/shm"))
        run = h.proctor([h.PYTHON, h.put(h.place(), "real.py", REAL), path])
        h.equal("the real directory is not seen", run.out.split(), b"ENOENT ENOENT ENOENT ENOENT EACCES 3 b'' None EACCES "
                b"EACCES EACCES EACCES EACCES EACCES EACCES".split())
        h.equal("nor changed", (sorted(os.listdir("/dev/shm")), open(path).read()), (before, "SECRET"))
        run = h.proctor([h.PYTHON, "-c", f"print(open({path!r}).read())"], "-r", path)
        h.equal("a file that the policy grants is the real one", run.out, b"SECRET\n")
    finally:
        os.unlink(path)


def no_rule(kind, wanted):
    policy = h.put(h.place(), "p.yaml", f"version: 1\nname: p\nextends: builtin:pure\n{kind}: ['/dev/shm/**']\n")
    run = h.proctor([h.PYTHON, "-c", "import os; os.open('/dev/shm/a', os.O_CREAT | os.O_RDWR)"], "--policy", policy)
    h.check(f"{kind}: /dev/shm/** turns it off", run.status == 1 and wanted in run.err, run)


def memory():
    head = "import mmap, os, time\nn = 200 << 20\ndef new(x): return os.open('/dev/shm/' + x, os.O_CREAT | os.O_EXCL | os.O_RDWR)\n"
    for name, code in MEMORY.items():
        run = h.proctor([h.PYTHON, "-c", head + code + "\ntime.sleep(0.5); print('more')"], "--memory", "100M", "--wall", "60s")
        h.check(f"{name}: memory is crossed", run.verdict.get("status") == "ML" and run.out == b"", run)
        run = h.proctor([h.PYTHON, "-c", head + code + "\ntime.sleep(0.5); print('fits')"], "--memory", "400M", "--wall", "60s")
        used = run.verdict.get("memory_bytes", 0)
        # What fills a map is made first, so the peak may be twice of it.
        h.check(f"{name}: and counted once", run.out == b"fits\n" or used > 400 << 20, run)
        h.check(f"{name}: it is told", used > 200 << 20, used)
    code = head + "for i in range(50):\n    fd = new('a'); os.write(fd, b'x' * (20 << 20)); os.unlink('/dev/shm/a'); os.close(fd)\nprint('all')"
    run = h.proctor([h.PYTHON, "-c", code], "--memory", "150M", "--wall", "60s")
    h.check("what is given back is given back", run.out == b"all\n", run)
    code = "import os\nfor i in range(10000):\n    os.close(os.open(f'/dev/shm/{i}', os.O_CREAT | os.O_RDWR))"
    run = h.proctor([h.PYTHON, "-c", code])
    h.check("names are bounded", run.status == 1 and b"No space left on device: '/dev/shm/512'" in run.err, run)


def mapped_output():
    """stdout that could be mapped must not come in the place of shared memory."""
    code = ("import mmap, os, threading, sys\nfd = os.open('/dev/shm/a', os.O_CREAT | os.O_RDWR); os.ftruncate(fd, 4096)\n"
            "t = threading.Thread(target=sys.stdin.read); t.start()\n"
            "try: mmap.mmap(fd, 4096); print('mapped')\nexcept OSError as e: print(e.errno)")
    place = h.place()
    for mode, wanted in ("w+b", b"13\n"), ("wb", b"mapped\n"):
        with open(place + "/out", mode) as out, subprocess.Popen(["sleep", "60"], stdout=subprocess.PIPE) as never:
            run = h.start([h.PYTHON, "-c", code], stdin=never.stdout, stdout=out)
            h.wait_for(lambda: os.path.getsize(place + "/out"))
            never.kill()
            run.wait()
        h.equal(f"stdout opened {mode}, and another thread", open(place + "/out", "rb").read(), wanted)


calls()
libraries()
real()
no_rule("never", b"PermissionError")
no_rule("hide", b"PermissionError")
memory()
mapped_output()
h.finish()
