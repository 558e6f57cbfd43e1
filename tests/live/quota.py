#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A quota that proctor counts, of a directory of the host: that never more is stored than was granted, by every road
and by programs that want more; what is given back, and what is said. What decides is looked at from outside, while
the program runs: the lengths of all files beneath the directory and of those that are removed and held."""

import signal
import stat
import threading
from concurrent.futures import ThreadPoolExecutor

from harness import *
from roads import *

MIB = 1 << 20


def pages(n):
    return -(-n // 4096) * 4096


def stored(directory, pid, before=()):
    """(bytes, names, inodes) of what is beneath DIRECTORY, or was and is held by a process beneath PID; of files BEFORE
    (inode: bytes) only what is more. While names move one may be seen twice, an inode is one."""
    found, names, inodes, removed = {}, 0, set(), set()
    for root, directories, files in os.walk(directory):
        for name in directories + files:
            try:
                st = os.lstat(os.path.join(root, name))
            except OSError:
                continue
            names += st.st_ino not in before
            inodes.add(st.st_ino)
            if stat.S_ISREG(st.st_mode):
                found[st.st_ino] = max(st.st_blocks * 512 if st.st_ino in before else 0, pages(st.st_size) if st.st_ino not in before else 0)
    for process in descendants(pid):
        for fd in ("fd/" + n for n in listed(f"/proc/{process}/fd")):
            try:
                st = os.stat(f"/proc/{process}/{fd}")
                if os.readlink(f"/proc/{process}/{fd}").startswith(directory):
                    if st.st_nlink == 0:
                        removed.add(st.st_ino)
                    if stat.S_ISREG(st.st_mode) and st.st_ino not in before:
                        found[st.st_ino] = pages(st.st_size)
            except OSError:
                pass
    return sum(max(n - before.get(ino, 0), 0) for ino, n in found.items()) if before else sum(found.values()), names + len(removed), len((inodes | removed) - set(before))


def listed(path):
    try:
        return os.listdir(path)
    except OSError:
        return []


def watched(code, *options, directory=None, quota="quota: 1MiB, files: 50", before=(), go=b"\n"):
    """Runs CODE in a directory with a quota until it says READY: its output, what it is told on stderr, the most that
    was ever stored, and what is then."""
    directory = directory or place()
    policy = put(place(), "p.yaml", f"version: 1\nextends: builtin:pure\nwrite: {{path: {directory}, {quota}}}\n")
    program = put(place(), "program.py", PRELUDE.replace('os.environ["TMPDIR"]', repr(directory)) + code + "\nprint('READY', flush=True); sys.stdin.readline()\n")
    child = start([PYTHON, program], "-q", "-p", policy, *options, log=False, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    most, over = [0, 0], threading.Event()  # bytes, inodes

    def look():
        # While the supervisor stands still nothing more can be stored, and nothing is counted off.
        while not over.wait(0.02):
            os.kill(child.pid, signal.SIGSTOP)
            while not over.is_set() and (stat_fields(child.pid) or [b"X"])[0] not in (b"T", b"t", b"Z", b"X"):
                pass
            n = stored(directory, child.pid, before)
            os.kill(child.pid, signal.SIGCONT)
            most[:] = max(most[0], n[0]), max(most[1], n[2])

    looker = threading.Thread(target=look)
    looker.start()
    lines = []
    for line in child.stdout:
        lines.append(line.decode())
        if line == b"READY\n":
            break
    now = stored(directory, child.pid, before)
    over.set()
    looker.join()
    out, err = child.communicate(go)
    return "".join(lines).removesuffix("READY\n") + out.decode(), err.decode(), (max(most[0], now[0]), max(most[1], now[1])), now


# Each wants more than 1 MiB and 50 files.
MORE = {
    "the hole of a file, filled by a mapping": "f = new()\nfor i in range(40):\n    try: os.ftruncate(f, i * 65536)\n    except OSError: break\nm = mmap.mmap(f, 0)\nfor i in range(0, len(m), 4096): m[i] = 1\ng = new('g'); print(full(lambda: os.write(g, BLOCK)))",
    "a mapping longer than the file, which grows beneath it": "f = new(); os.ftruncate(f, 1)\nm = libc.mmap; m.restype = ctypes.c_void_p; a = m(None, ctypes.c_size_t(4 << 20), 3, 1, f, ctypes.c_long(0))\nprint(full(lambda n=[0]: (n.append(n[-1] + 65536), os.ftruncate(f, n[-1]), ctypes.memset(a + n[-1] - 4096, 1, 4096))))",
    "truncate by name": "os.close(new())\nprint(full(lambda n=[0]: (n.append(n[-1] + 65536), os.truncate('f', n[-1]))))",
    "holes that are punched and filled again": "f = new(); full(lambda: os.write(f, BLOCK)); print(sc(285, f, 3, 0, 1 << 20)); g = new('g'); print(full(lambda: os.write(g, BLOCK))); full(lambda n=[0]: (n.append(n[-1] + 65536), os.pwrite(f, BLOCK, n[-1])))",
    "an end that collapses, and what is inserted": "f = new(); full(lambda: os.write(f, BLOCK)); print('ENOSPC', [sc(285, f, mode, 0, 4096) for mode in (8, 32, 64, 16, 17)])\nfull(lambda: os.write(f, BLOCK))",
    "removed and mapped": "def one(i):\n    f = new('f%d' % i); os.write(f, BLOCK * 4); m = mmap.mmap(f, 0, flags=2); os.unlink('f%d' % i); os.close(f); return m\nk = []\nprint(full(lambda: k.append(one(len(k)))), len(k))",
    "removed and held to be looked at": "def one(i):\n    f = new('f%d' % i); os.write(f, BLOCK * 4); p = os.open('f%d' % i, os.O_PATH); os.unlink('f%d' % i); os.close(f); return p\nk = []\nprint(full(lambda: k.append(one(len(k)))), len(k))",
    "removed and held by a child": "def one(i):\n    f = new('f%d' % i); os.write(f, BLOCK * 4)\n    if os.fork() == 0:\n        import time; time.sleep(60)\n    os.unlink('f%d' % i); os.close(f)\nprint(full(lambda n=[0]: (n.append(1), one(len(n)))))",
    "replaced and held": "def one(i):\n    f = new('f'); os.write(f, BLOCK * 4); g = new('g'); os.rename('g', 'f'); os.close(g); return f\nk = []\nprint(full(lambda: k.append(one(len(k)))), len(k))",
    "directories that are removed and held": "def one(i):\n    os.mkdir('d'); d = os.open('d', os.O_RDONLY); os.rmdir('d'); return d\nk = []\nprint(full(lambda: k.append(one(len(k)))), len(k))",
    "two names, of which one is removed and the other held": "def one(i):\n    f = new('f'); os.write(f, BLOCK * 4); os.link('f', 'l'); os.unlink('f'); g = os.open('l', os.O_RDONLY); os.unlink('l'); os.close(f); return g\nk = []\nprint(full(lambda: k.append(one(len(k)))), len(k))",
    "from two processes": "f = new(); p = [os.fork()]\nfull(lambda: os.write(f, BLOCK))\nif p[0]: os.waitpid(p[0], 0)\nelse: os._exit(0)\nprint(full(lambda: os.write(f, BLOCK)))",
    "an offset that another process moves": "f = new(); p = os.fork()\nif p == 0:\n    while True: os.lseek(f, 1 << 40, 0); os.lseek(f, 0, 0)\nfor i in range(500):\n    try: os.write(f, b'x')\n    except OSError as e: pass\nos.kill(p, 9); os.waitpid(p, 0); print('ENOSPC', os.fstat(f).st_size <= 1 << 20)",
    "long names": "print(full(lambda n=[0]: (n.append(1), os.close(new('n' * 250 + str(len(n)))))))",
    "attributes": "f = new(); print('ENOSPC', sc(188, b'f', b'user.a', b'x' * 60000, 60000, 0), sc(190, f, b'user.a', b'x', 1, 0))",
    "devices and FIFOs": "import stat\nn = 0\nfor kind in (stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK, stat.S_IFREG):\n    try: os.mknod('n%d' % kind, kind | 0o600); n += 1\n    except OSError: pass\nprint('ENOSPC', n)",
    "a descriptor of its name in /proc": "f = new(); g = os.open('/proc/self/fd/%d' % f, os.O_RDWR | os.O_APPEND); print(full(lambda: os.write(g, BLOCK)))",
    "writing past a limit of another file's": "f = new(); full(lambda: os.write(f, BLOCK)); os.truncate('f', 4096); g = new('g'); print(full(lambda: os.write(g, BLOCK)), os.fstat(g).st_size); full(lambda n=[4096]: (n.append(n[-1] + 4096), os.ftruncate(f, n[-1])))",
}
# Of these the threads race for as long as it takes to write a fixed number of times.
RACES = {
    "a pipe under whose number a file is put": "r, w = os.pipe(); f = new(); n = os.dup(w); stop = []\ndef swap():\n    while not stop: os.dup2(f, n); os.dup2(w, n)\ndef drain():\n    while os.read(r, 1 << 20): pass\nt = [threading.Thread(target=x, daemon=True) for x in (swap, drain)]\nfor x in t: x.start()\nfor i in range(600):\n    try: os.write(n, BLOCK)\n    except OSError: pass\nstop.append(1); t[0].join(); print('raced')",
    "a pipe whose number is closed, and a file opened": "r, w = os.pipe(); os.close(new()); n = os.dup(w); stop = []\ndef swap():\n    while not stop:\n        try: os.close(n)\n        except OSError: pass\n        k = os.open('f', os.O_WRONLY | os.O_APPEND)\n        os.dup2(w, n)\n        if k != n: os.close(k)\ndef drain():\n    while os.read(r, 1 << 20): pass\nt = [threading.Thread(target=x, daemon=True) for x in (swap, drain)]\nfor x in t: x.start()\nfor i in range(400):\n    try: os.write(n, BLOCK)\n    except OSError: pass\nstop.append(1); t[0].join(); print('raced')",
    "files that are made while their names move": "stop = []\ndef move():\n    i = 0\n    while not stop:\n        i += 1\n        try: os.rename('f', 'g%d' % (i % 7))\n        except OSError: pass\nt = threading.Thread(target=move); t.start()\nfor i in range(300):\n    try: f = new(); os.write(f, BLOCK)\n    except OSError: continue\n    if i % 2: os.close(f)\nstop.append(1); t.join(); print('raced')",
    "two threads that write, cut and remove": "def one(k):\n    for i in range(30):\n        try:\n            f = new('f%d' % (i % 3)); os.write(f, BLOCK * 6); os.ftruncate(f, i * 100)\n            if i % 3 == k % 3: os.unlink('f%d' % (i % 3))\n            os.close(f)\n        except OSError: pass\nt = [threading.Thread(target=one, args=(k,)) for k in range(3)]\nfor x in t: x.start()\nfor x in t: x.join()\nprint('raced')",
}

# What is given back, and what lay there before: each prints True.
BACK = {
    "what is cut off, removed or replaced can be used again": "def fill(n):\n    f = new(n); full(lambda: os.write(f, BLOCK)); print(os.fstat(f).st_size == 1 << 20); return f\nf = fill('f'); os.ftruncate(f, 0); os.lseek(f, 0, 0); full(lambda: os.write(f, BLOCK)); print(os.fstat(f).st_size == 1 << 20)\nos.truncate('f', 0); os.close(os.open('f', os.O_WRONLY | os.O_TRUNC)); g = fill('g'); os.unlink('g'); os.close(g); h = fill('h'); os.close(h); os.close(os.open('h', os.O_WRONLY | os.O_TRUNC)); h = fill('h'); os.close(h)\ng = new('g'); os.close(g); os.rename('g', 'h'); k = fill('k'); os.close(k); os.unlink('k'); fill('k')",
    "names too": "for i in range(120):\n    os.mkdir('d'); d = os.open('d', os.O_RDONLY); os.chdir('d'); os.chdir('..'); os.close(d); os.rmdir('d'); os.symlink('x' * 100, 's'); os.unlink('s'); os.close(new()); os.link('f', 'l'); os.unlink('f'); os.unlink('l')\n    with __import__('tempfile').TemporaryDirectory(dir='.') as t: open(t + '/f', 'w').write('x')\nprint(full(lambda n=[0]: (os.mkdir('d%d' % len(n)), n.append(1))), len(os.listdir('.')) == 52)",
    "what lay there may be replaced, and is not more": "print(open('old').read(3) == 'old', os.path.getsize('old') == 300000)\nwith open('old', 'wb') as f: f.write(b'n' * 300000)\nf = new(); full(lambda: os.write(f, BLOCK)); print(os.fstat(f).st_size == 1 << 20)\nwith open('old', 'r+b') as f: f.write(b'o' * 300000)\nf = os.open('old', os.O_RDWR | os.O_APPEND); print(full(lambda: os.write(f, BLOCK)) == 'ENOSPC', os.fstat(f).st_size == pages(300000))",
    "the holes of what lay there are not": "f = os.open('sparse', os.O_RDWR); r = []\nfor call in (lambda: mmap.mmap(f, 0), lambda: os.pwrite(f, BLOCK, 0), lambda: os.posix_fallocate(f, 0, 4096), lambda: os.truncate('sparse', 1 << 23)):\n    try: r.append(call())\n    except OSError as e: r.append(e.errno)\nprint(r == [errno.ENOSPC] * 4, os.stat('sparse').st_blocks == 0); os.truncate('sparse', 1 << 19); m = mmap.mmap(f, 0); m[::4096] = b'x' * len(m[::4096]); g = new(); full(lambda: os.write(g, BLOCK)); print(os.fstat(g).st_size == 1 << 19)",
    "long writes, and O_DIRECT": "b = os.urandom(700001); f = new(); print(os.write(f, b) == 700001, os.writev(f, [b'12', b'', b'345']) == 5, os.pread(f, 800000, 0) == b + b'12345', os.lseek(f, 0, 1) == 700006, os.write(f, b'x' * 400000) == (1 << 20) - 700006)\ng = os.open('f', os.O_WRONLY | os.O_DIRECT); m = mmap.mmap(-1, 8192); m[:] = b'd' * 8192; print(os.pwrite(g, m, 4096) == 8192, os.pread(f, 8192, 4096) == bytes(m)); print(sc(1, f, 1, 4096) == -errno.ENOSPC, sc(1, f, 1, 0) == 0, sc(1, os.open('f', 0), b'x', 1) == -errno.EBADF, sc(20, f, 1, 1) == -errno.EFAULT, sc(20, f, 1, 2000) == -errno.EINVAL, sc(44, f, b'x', 1, 0, 0, 0) == -errno.ENOTSOCK)",
    "what is appended is at the end": "a = os.open('f', os.O_WRONLY | os.O_CREAT | os.O_APPEND); b = os.open('f', os.O_WRONLY | os.O_APPEND); os.write(a, b'1'); os.write(b, b'2'); os.pwrite(a, b'3', 0); os.lseek(a, 0, 0); os.write(a, b'4'); print(open('f').read() == '1234', os.lseek(a, 0, 1) == 4)",
}


def back(code):
    directory = place()
    with open(put(directory, "old", "old" * 100000), "rb") as old, open(directory + "/sparse", "wb") as sparse:
        os.truncate(sparse.fileno(), 4 << 20)
        before = {os.fstat(f.fileno()).st_ino: os.fstat(f.fileno()).st_blocks * 512 for f in (old, sparse)}
    return watched("pages = lambda n: -(-n // 4096) * 4096\n" + code, directory=directory, before=before)


# What waits most of its time goes side by side.
with ThreadPoolExecutor(4) as pool:
    roads = {name: pool.submit(watched, code) for name, code in ROADS.items()}
    more = {name: pool.submit(watched, code, *(["--process", "fork"] if "fork" in code else [])) for name, code in {**MORE, **RACES}.items()}
    given = {name: pool.submit(back, code) for name, code in BACK.items()}
    just = pool.submit(watched, "print('as much', full(lambda f=[new()]: os.write(f[0], BLOCK)), os.stat('f').st_size)", quota="quota: 2MiB")

title("full, by every road")
OTHER = {"splice": "ENOSYS", "unnamed files": "ENOTSUP", "fallocate that keeps the length": "ENOTSUP"}
for name in ROADS:
    out, err, most, now = roads[name].result()
    check(f"{name}: not a byte and not a file more than was granted", most[0] <= MIB and most[1] <= 50 and now[1] <= 50, most, now, out, err)
    check(f"{name}: and {OTHER.get(name, 'ENOSPC')} at the end", out.startswith(OTHER.get(name, "ENOSPC")), out, err, most)
out, err, most, now = just.result()
check("just as much as was granted fits, and is seen", "as much ENOSPC 2097152" in out and most[0] == 2 * MIB, out, err, most)

title("programs that want more")
for name in (*MORE, *RACES):
    out, err, most, now = more[name].result()
    check(f"{name}: not a byte and not a file more", most[0] <= MIB and most[1] <= 50, most, now, out, err)
    check(f"{name}: and it did its worst", "ENOSPC" in out or "raced" in out, out, err)

title("what is given back")
for name in BACK:
    out, err, most, now = given[name].result()
    check(name, "True" in out and "False" not in out and not err, out, err)
    check(f"{name}: not a byte more", most[0] <= MIB, most, now)

title("what is said")
where = place()
fill = "import sys\nf = open(sys.argv[1] + '/f', 'wb')\nwhile True: f.write(b'x' * 65536)"
run = proctor([PYTHON, "-c", fill, where], "-w", where + ":1MiB")
equal("the start record says what is counted, and by whom", run.last("start")["quotas"], [{"path": where, "counts": "proctor", "bytes": MIB, "files": 10000}])
check("the verdict says what was used up, to both", run.verdict["status"] == "RE" and all("The disk space that was granted, 1MiB, is used up." in run.verdict["cause"]["text"][w] for w in ("student", "staff")), run.verdict)
check("and explain, from the log, too", "The disk space that was granted, 1MiB, is used up." in explained(run.log_path), explained(run.log_path))
last = [r for r in run.calls("write") if r["syscall"].get("errno") == "ENOSPC"]
check("the call that found none left is in the log, with its rule, and is no violation", last and last[-1]["decision"]["action"] == "hide" and last[-1]["rule"]["ref"] == "-w" and run.verdict["violations"] == 0, last)
equal("and the file is as long as it may be", os.path.getsize(where + "/f"), MIB)
run = proctor([PYTHON, "-c", "import os, sys\nfor i in range(9): os.mkdir(sys.argv[1] + '/%d' % i)", where], "-p", put(place(), "p.yaml", f"version: 1\nextends: builtin:pure\nwrite: [{{path: {where}, files: 7}}]\n"))
check("of files likewise", "The disk space that was granted, 7 files and directories, is used up." in run.verdict["cause"]["text"]["staff"], run.verdict)
audit = proctor([PYTHON, "-c", "import sys; open(sys.argv[1] + '/more', 'wb').write(b'x' * 100000)", where], "-w", where + ":4KiB", "--mode", "audit")
equal("audit mode counts nothing, and says nothing of it", (audit.status, os.path.getsize(where + "/more"), "quotas" in audit.last("start")), (0, 100000, False))

title("who makes the writes")
def written_by(pid):
    with open(f"/proc/{pid}/io", encoding="ascii") as file:
        return int(file.read().split("wchar: ")[1].split()[0])


def own_writes(code, block):
    """How many bytes the program had the kernel write, of nine BLOCKs, and how long the file is."""
    where = place()
    program = code + "\nf = open(sys.argv[1] + '/f', 'wb', 0)\nfor i in range(8): f.write(b'x' * BLOCK)\nprint(os.pwrite(f.fileno(), b'x' * BLOCK, 0), f.tell(), flush=True); sys.stdin.readline()"
    child = start([PYTHON, "-c", f"import os, sys, threading, time\nBLOCK = {block}\n" + program, where], "-q", "-w", where + ":1MiB", log=False, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    written = child.stdout.readline().split() == [b"%d" % block, b"%d" % (8 * block)] and max(written_by(pid) for pid in descendants(child.pid))
    child.communicate(b"\n")
    return written, os.path.getsize(where + "/f")
for how, code in ("alone", ""), ("with a thread beside it", "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()"):
    written, size = own_writes(code, 65536)
    check(f"{how} the program itself those that are long, while there is room", written >= 9 << 16 and size == 8 << 16, written, size)
    written, size = own_writes(code, 4096)
    check(f"{how} proctor the others", written < 4096 and size == 8 << 12, written, size)

title("several rules")
where = place()
for name in "in/most", "beside":
    os.makedirs(f"{where}/{name}")
two = """
import os, sys
os.chdir(sys.argv[1])
def fill(name):
    n = 0
    try:
        with open(name, "wb", 0) as f:
            while n < 1 << 20: n += f.write(b"x" * 4096)
    except OSError as e: return n, e.errno
    return n
print(fill("in/most/f"), fill("in/f"), fill("beside/f"), fill("in/most/g"))
for a, b in (("in/most/f", "in/g"), ("in/f", "in/most/h"), ("in/f", "beside/h")):
    for call in os.rename, os.link:
        try: print(call(a, b))
        except OSError as e: print(e.errno, end=" ")
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
fd = os.open("beside", os.O_TMPFILE | os.O_RDWR, 0o600)
for new in "in/t", "in/most/t", "beside/t":
    for flags, old in (0x400, "/proc/self/fd/%d" % fd), (0x1000, ""):
        print(libc.linkat(fd, old.encode(), -100, new.encode(), flags) and ctypes.get_errno(), end=" ")
"""
run = proctor([PYTHON, "-c", two, where], "-p", put(place(), "p.yaml", f"version: 1\nextends: builtin:pure\nwrite:\n  - {{path: {where}/in, quota: 64KiB}}\n  - {{path: {where}/in/most, quota: 128KiB}}\n  - {where}/beside\n"))
equal("the innermost counts, what has no quota is not counted, and nothing goes from one to another, without a name neither", run.out, b"(131072, 28) (65536, 28) 1048576 (0, 28)\n18 18 18 18 18 18 18 18 18 18 0 17 ")
check("only a filter with a quota has writes stop", "write" in {c["name"] for c in run.last("summary")["syscalls"]} and "write" not in {c["name"] for c in proctor([PYTHON, "-c", two, where], "-w", where).last("summary")["syscalls"]}, run)

title("the scratch in a directory")
run = proctor([PYTHON, "-c", "import os; p = os.environ['TMPDIR']; f = open(p + '/f', 'wb')\nwhile True: f.write(b'x' * 65536)"], "-p", put(place(), "p.yaml", 'version: 1\nextends: builtin:pure\nwrite: "%{scratch}"\nscratch: {size: 1MiB, files: 9, in: directory}\n'))
equal("is counted by proctor", {k: v for k, v in run.last("start")["scratch"].items() if k != "path"}, {"in": "directory", "counts": "proctor", "bytes": MIB, "files": 9})
check("and says so where it is full", "The disk space that was granted, 1MiB, is used up." in run.verdict["cause"]["text"]["student"], run.verdict)

title("as it is written")
for text, wrong in (f"{{path: {where}, quota: 12}}", "unit"), (f"{{path: {where}, quota: 1KiB}}", "4KiB"), (f"{{path: {where}, files: 0}}", "from 1"), (f"{{path: {where}, quota: [1MiB]}}", "quota"), (f"{{path: {where}, size: 1MiB}}", "unknown key"), ("{quota: 1MiB}", "needs a path"), (f"{{path: {where}, path: {where}}}", "duplicate"), ('{path: "%{scratch}", quota: 1MiB}', "key scratch"), ("{path: /none/there}", "no such directory"), (f"{{path: [{where}]}}", "a path"):
    policy = put(place(), "p.yaml", f"version: 1\nextends: builtin:pure\nwrite:\n  - {text}\n")
    done = subprocess.run([PROCTOR, "policy", "check", policy], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=clean_env())
    check(f"write: {text.replace(where, 'DIR')} is an error at its line", done.returncode == 65 and wrong.encode() in done.stdout and b":4:" in done.stdout, done)
policy = put(place(), "p.yaml", f"version: 1\nextends: builtin:pure\nwrite: {{path: {where}, quota: 1536KiB}}\n")
done = subprocess.run([PROCTOR, "policy", "show", policy], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=clean_env())
again = subprocess.run([PROCTOR, "policy", "show", put(place(), "p.yaml", done.stdout.decode())], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_env())
rule = f'{{path: "{where}/**", quota: 1536KiB, files: 10000}}'.encode()
check("policy show says it as a policy would", rule in done.stdout and rule in again.stdout, done)
os.mkdir(where + "/a:4KiB")
run = proctor([PYTHON, "-c", "import sys; print(open(sys.argv[1] + '/f', 'wb').write(b'x' * 100000))", where + "/a:4KiB"], "-w", where + "/a:4KiB")
equal("after -w a directory of that very name is what is meant", run.out, b"100000\n")


title("asked without a run")
def asked(*words):
    done = subprocess.run([PROCTOR, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_env())
    return done.returncode, done.stdout.decode(), done.stderr.decode()
status, out, err = asked("why", "-w", where + ":1MiB", "builtin:pure", "write", where + "/new")
check("why -w grants as for a run", status == 0 and out.startswith("allow") and "-w" in out, out, err)
status, out, err = asked("policy", "test", "-w", where, "builtin:pure", "--write", where + "/new")
check("policy test -w too, where --write asks", status == 0 and out.startswith("allow  write"), out, err)
status, out, err = asked("policy", "show", "--write", where + ":2MiB", "--scratch=1MiB")
check("policy show shows both", f'{{path: "{where}/**", quota: 2MiB, files: 10000}}' in out and "scratch: {size: 1MiB, files: 10000}" in out, out, err)
for command in (("why", "builtin:pure", "read", "/"), ("policy", "show")):
    status, out, err = asked(*command, "--scratch=1")
    check(f"{command[0]}: a size without a unit is wrong use", status == 64 and "unit" in err, status, err)
one, two = (put(place(), "p.yaml", f"version: 1\nextends: builtin:pure\nwrite: {{path: {where}, quota: {size}}}\n") for size in ("1MiB", "2MiB"))
check("policy diff says who may store more", "less room" in asked("policy", "diff", one, two)[1] and "less room" not in asked("policy", "diff", two, one)[1], asked("policy", "diff", one, two))

finish()
