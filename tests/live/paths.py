#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every way to name a granted file gives what it gives without proctor: the same result, the same
errno, the same bytes. Outside the grants the same ways are refused, and say nothing of what is there.
"""

import json
import os
import sys

sys.dont_write_bytecode = True
import harness as h

# What runs natively and under proctor. Each case answers with something comparable; a descriptor
# becomes what it is open on. Arguments: the arena, a directory outside, "out" to look outside only.
PROGRAM = r'''
import ctypes, errno, fcntl, json, os, stat, struct, sys
arena, outside, part = sys.argv[1:4]
a, b, data = arena + "/a", arena + "/b", arena + "/a/data"
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
NR = dict(open=2, stat=4, lstat=6, access=21, chdir=80, creat=85, readlink=89, statfs=137, openat=257, newfstatat=262,
          readlinkat=267, faccessat=269, statx=332, openat2=437, faccessat2=439, getxattr=191, listxattr=194, mkdir=83, execve=59)
CWD, EMPTY, NOFOLLOW = -100, 0x1000, 0x100
results = {}

def sc(name, *args):
    words = [ctypes.c_long(x) if isinstance(x, int) else x for x in args]
    r = libc.syscall(ctypes.c_long(NR[name]), *words)
    return r if r >= 0 else errno.errorcode[ctypes.get_errno()]

def what(fd):
    """A descriptor by what it is open on."""
    if not isinstance(fd, int):
        return fd
    st = os.fstat(fd)
    flags = fcntl.fcntl(fd, 3)
    answer = [stat.S_IFMT(st.st_mode), st.st_ino if not stat.S_ISFIFO(st.st_mode) else 0, flags & ~0o100000,
              fcntl.fcntl(fd, 1)]
    if stat.S_ISREG(st.st_mode) and not flags & 0o10000000:
        answer.append(os.pread(fd, 20, 0).decode("latin1"))
    if fd > 2:
        os.close(fd)
    return answer

def opened(path, flags=0, dirfd=CWD, mode=0):
    return what(sc("openat", dirfd, path if path is None or isinstance(path, (int, bytes)) else os.fsencode(path), flags, mode))

def how(path, flags=0, mode=0, resolve=0, size=24, tail=b"", dirfd=CWD):
    return what(sc("openat2", dirfd, os.fsencode(path), struct.pack("<QQQ", flags, mode, resolve) + tail, size))

def statted(path, flags=0, dirfd=CWD):
    buf = ctypes.create_string_buffer(144)
    r = sc("newfstatat", dirfd, path if path is None or isinstance(path, int) else os.fsencode(path), buf, flags)
    return r if r != 0 else buf.raw[:48].hex()

def statx(path, flags=0, mask=0x7ff, dirfd=CWD, spare=0):
    buf = ctypes.create_string_buffer(256)
    r = sc("statx", dirfd, None if path is None else os.fsencode(path), flags, mask | spare, buf)
    return r if r != 0 else buf.raw[:64].hex()

def link(path, size=100, dirfd=None):
    buf = ctypes.create_string_buffer(max(size, 1) + 8)
    r = sc("readlink", os.fsencode(path), buf, size) if dirfd is None else sc("readlinkat", dirfd, os.fsencode(path), buf, size)
    return r if not isinstance(r, int) else [r, buf.raw.rstrip(b"\0").decode("latin1")]

def edge(data):
    """DATA at the end of a page behind which nothing is mapped."""
    p = libc.mmap(None, 8192, 3, 0x22, -1, 0)
    libc.munmap(ctypes.c_void_p(p + 4096), 4096)
    ctypes.memmove(p + 4096 - len(data), data, len(data))
    return p + 4096 - len(data)

def run(name, fn, *args, **kw):
    try:
        answer = fn(*args, **kw)
    except OSError as e:
        answer = [type(e).__name__, errno.errorcode.get(e.errno), str(e)]
    assert name not in results, name
    results[name] = answer if not isinstance(answer, bytes) else answer.decode("latin1")

def at(cwd, fn, *args, **kw):
    old = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.chdir(cwd)
        return fn(*args, **kw)
    finally:
        os.fchdir(old)
        os.close(old)

def inside():
    os.chdir(a)
    run("a file", opened, data)
    run("open(2)", lambda: what(sc("open", data.encode(), 0)))
    run("relative", opened, "data")
    run("./", opened, "./././data")
    run("//", opened, a + "//data")
    run("..", opened, "../a/sub/../data")
    run(".. behind a link", opened, "link-dir/../inner")
    run("too many ..", opened, "../" * 60 + data[1:])
    run("a trailing slash of a file", opened, "data/")
    run("a trailing slash of a directory", opened, "sub/", 0)
    run("a trailing slash behind a link to a directory", opened, "link-dir/", os.O_NOFOLLOW)
    run("a trailing dot", opened, "sub/.")
    run("a file as a directory", opened, "data/x")
    run("a file and ..", opened, "data/..")
    run("O_DIRECTORY of a file", opened, "data", os.O_DIRECTORY)
    run("a directory for reading", opened, "sub")
    run("O_NOFOLLOW of a link", opened, "link", os.O_NOFOLLOW)
    run("O_PATH|O_NOFOLLOW of a link", opened, "link", os.O_NOFOLLOW | os.O_PATH)
    run("O_PATH", opened, "data", os.O_PATH)
    run("O_PATH|O_DIRECTORY", opened, "sub", os.O_PATH | os.O_DIRECTORY)
    run("O_CLOEXEC", opened, "data", os.O_CLOEXEC)
    run("O_NONBLOCK", opened, "data", os.O_NONBLOCK)
    run("bad flags are dropped by openat", opened, "data", 0x40000000)
    run("a link", opened, "link")
    run("a link of links", opened, "link2")
    run("a link into the other grant", opened, "to-b/data-b")
    run("an absolute link into the other grant", opened, "abs-b")
    run("a link there and back", opened, "to-b/back/data")
    run("a link to itself", opened, "loop")
    run("40 links", opened, "chain40")
    run("41 links", opened, "chain41")
    run("a dangling link", opened, "dangling")
    run("nothing there", opened, "nothing")
    run("nothing there, deep", opened, "nothing/deeper")
    run("an empty path", opened, "")
    run("a name of 255", opened, "n" * 255)
    run("a name of 256", opened, "n" * 256)
    run("a path of 4095", opened, "./" * 2045 + "/data")
    run("a path of 4096", opened, "./" * 2045 + "//data")
    run("a path of 5000", opened, "./" * 2498 + "data")
    run("a path of 4095 of one name", opened, "x" * 4095)
    run("many ..", opened, "sub/../" * 500 + "data")
    run("bytes that are no UTF-8", opened, b"\xff\xfe-latin")
    run("a name with a newline and an escape", opened, b"line\n\x1b[31mred")
    run("a surrogate name by os.open", lambda: what(os.open("\udcff\udcfe-latin", 0)))
    run("NULL", opened, None)
    run("a bad pointer", opened, 0x10)
    run("a kernel pointer", opened, -4096)
    run("a path that ends at the edge of a page", opened, edge(b"data\0"))
    run("a path that runs over the edge of a page", opened, edge(b"dat"))
    run("a path over two pages", opened, edge(b"./" * 1500 + b"data\0"))
    run("stat at the edge", statted, edge(b"data\0"))
    run("a result over the edge", lambda: sc("newfstatat", CWD, b"data", edge(b"x" * 100), 0))
    run("a result at a bad pointer", lambda: sc("newfstatat", CWD, b"data", 0x10, 0))
    run("a result into read-only memory", lambda: sc("newfstatat", CWD, b"data", libc.mmap(None, 4096, 1, 0x22, -1, 0), 0))
    d = os.open(a, os.O_RDONLY | os.O_DIRECTORY)
    s = os.open(a + "/sub", os.O_PATH | os.O_DIRECTORY)
    f = os.open(data, os.O_RDONLY)
    p = os.open(data, os.O_PATH)
    run("beneath a dirfd", opened, "data", dirfd=d)
    run("beneath an O_PATH dirfd", opened, "../data", dirfd=s)
    run("an absolute path ignores the dirfd", opened, data, dirfd=999)
    run("a closed dirfd", opened, "data", dirfd=999)
    run("a negative dirfd", opened, "data", dirfd=-1)
    run("a file as dirfd", opened, "data", dirfd=f)
    run("a high half in the dirfd", opened, "data", dirfd=d | 1 << 40)
    run("a high half in AT_FDCWD", opened, "data", dirfd=0xffffff9c)
    run("os.open with dir_fd", lambda: what(os.open("inner", 0, dir_fd=os.open("sub", 0))))
    run("fstatat of a descriptor", statted, "", EMPTY, f)
    run("fstatat of an O_PATH descriptor", statted, "", EMPTY, p)
    run("fstatat of a directory", statted, "", EMPTY, d)
    run("fstatat of the cwd", statted, "", EMPTY, CWD)
    run("fstatat of a closed descriptor", statted, "", EMPTY, 999)
    run("fstatat of stdin", lambda: type(statted("", EMPTY, 0)).__name__)
    run("fstatat of NULL", lambda: statted(None, EMPTY, f))
    run("an empty path without AT_EMPTY_PATH", statted, "", 0, f)
    run("AT_EMPTY_PATH and a path", statted, "data", EMPTY, d)
    run("stat(2)", lambda: sc("stat", b"link2", ctypes.create_string_buffer(144)))
    run("lstat", os.lstat, "link2")
    run("stat of a link", statted, "link")
    run("stat of a link itself", statted, "link", NOFOLLOW)
    run("stat of a loop", statted, "loop")
    run("stat with bad flags", statted, "data", 0x80000000)
    run("statx", statx, "data")
    run("statx of a link itself", statx, "link", NOFOLLOW)
    run("statx of a descriptor", statx, "", EMPTY, 0x7ff, f)
    run("statx of NULL and a descriptor", statx, None, EMPTY, 0x7ff, f)
    run("statx with both sync flags", statx, "data", 0x6000)
    run("statx of the reserved mask", statx, "data", 0, 0x7ff, CWD, 1 << 31)
    run("statx of nothing", statx, "nothing")
    for mode in 0, 4, 1, 5, 8:
        run(f"access {mode}", lambda: sc("access", b"data", mode))
        run(f"faccessat2 {mode} effective", lambda: sc("faccessat2", d, b"data", mode, 0x200))
    run("access of nothing", lambda: sc("access", b"nothing", 0))
    run("access of a loop", lambda: sc("access", b"loop", 4))
    run("faccessat", lambda: sc("faccessat", d, b"sub/inner", 4))
    run("faccessat ignores a fourth argument", lambda: sc("faccessat", d, b"sub/inner", 4, 0xffff))
    run("faccessat2 of a descriptor", lambda: sc("faccessat2", f, b"", 4, EMPTY))
    run("faccessat2 of a link itself", lambda: sc("faccessat2", d, b"dangling", 0, NOFOLLOW))
    run("faccessat2 with bad flags", lambda: sc("faccessat2", d, b"data", 4, 1))
    run("readlink", link, "link")
    run("readlink, cut", link, "link2", 3)
    run("readlink, size 0", link, "link", 0)
    run("readlink, size -1", lambda: link("link", -1))
    run("readlink of a file", link, "data")
    run("readlink of nothing", link, "nothing")
    run("readlink of a directory with a slash", link, "link-dir/")
    run("readlinkat", link, "sub/up", 100, d)
    run("readlinkat of an O_PATH link", lambda: link("", 100, os.open("link", os.O_PATH | os.O_NOFOLLOW)))
    run("readlinkat of an O_PATH file", link, "", 100, p)
    run("readlinkat of an empty path of a file", link, "", 100, f)
    run("readlink at a bad pointer", lambda: sc("readlink", b"link", 0x10, 10))
    run("realpath", os.path.realpath, "to-b/back/link2")
    run("listxattr", os.listxattr, "data")
    run("listxattr of a directory", os.listxattr, "sub")
    run("listxattr of a descriptor", os.listxattr, f)
    run("listxattr of a closed descriptor", os.listxattr, 999)
    run("listxattr of nothing", os.listxattr, "nothing")
    run("listxattr of a dangling link", os.listxattr, "dangling")
    run("listxattr of a dangling link itself", lambda: os.listxattr("dangling", follow_symlinks=False))
    run("getxattr", os.getxattr, "data", "user.none")
    run("getxattr of a descriptor", os.getxattr, f, "user.none")
    run("getxattr of a closed descriptor", os.getxattr, 999, "user.none")
    run("getxattr of nothing", os.getxattr, "nothing", "user.none")
    run("statfs", lambda: sc("statfs", b"data", ctypes.create_string_buffer(120)))
    run("statfs of nothing", lambda: sc("statfs", b"nothing", ctypes.create_string_buffer(120)))
    run("statvfs", lambda: os.statvfs(data).f_namemax)
    run("fstatvfs", lambda: os.statvfs(f).f_namemax)
    run("openat2", how, "data")
    run("openat2, size 0", how, "data", size=0)
    run("openat2, size 23", how, "data", size=23)
    run("openat2, size 16", how, "data", size=16)
    run("openat2, size 4096 with zeros", how, "data", size=4096, tail=bytes(4072))
    run("openat2, size 4097", how, "data", size=4097, tail=bytes(4073))
    run("openat2, something behind", how, "data", size=32, tail=b"\1" + bytes(7))
    run("openat2, zeros behind", how, "data", size=32, tail=bytes(8))
    run("openat2, unknown flags", how, "data", flags=0x40000000)
    run("openat2, high flags", how, "data", flags=1 << 33)
    run("openat2, unknown resolve", how, "data", resolve=0x100)
    run("openat2, a mode without O_CREAT", how, "data", mode=0o600)
    run("openat2, O_PATH and O_NONBLOCK", how, "data", flags=os.O_PATH | os.O_NONBLOCK)
    run("openat2, NULL how", lambda: sc("openat2", CWD, b"data", None, 24))
    run("openat2, a how that ends at the edge", lambda: what(sc("openat2", CWD, b"data", edge(bytes(24)), 24)))
    run("openat2, a how over the edge", lambda: sc("openat2", CWD, b"data", edge(bytes(20)), 24))
    run("chdir", lambda: at("sub", opened, "inner"))
    run("chdir by ..", lambda: at("sub/../sub", opened, "../data"))
    run("chdir by a link", lambda: at("link-dir", opened, "../inner"))
    run("chdir to the other grant", lambda: at("to-b", opened, "data-b"))
    run("getcwd behind a link", lambda: at("link-dir", os.getcwd))
    run("chdir to a file", os.chdir, "data")
    run("chdir to nothing", os.chdir, "nothing")
    run("chdir to an empty path", os.chdir, "")
    def fchdir():
        os.fchdir(s); r = [opened("inner"), os.getcwd()]; os.fchdir(d); return r
    run("fchdir", fchdir)
    run("fchdir to a file", os.fchdir, f)
    run("a listing", lambda: sorted(os.fsencode(x).decode("latin1") for x in os.listdir(a)))
    run("a listing by a descriptor", lambda: sorted(os.listdir(s)))
    run("scandir", lambda: sorted((x.name, x.is_dir(), x.is_symlink()) for x in os.scandir("sub")))
    run("walk", lambda: [(r[len(a):], sorted(d)) for r, d, f in os.walk(a + "/sub")])
    run("a FIFO for stat", lambda: stat.S_ISFIFO(os.stat("fifo").st_mode))
    run("an O_PATH FIFO does not wait", opened, "fifo", os.O_PATH)
    run("a FIFO without waiting", opened, "fifo", os.O_NONBLOCK)
    run("a file without its read bit", lambda: type(opened("unreadable")).__name__ if os.getuid() else "root")
    for name in "/dev/null", "/dev/zero", "/dev/urandom":
        run(name, lambda: bool(os.read(os.open(name, 0), 0) == b""))
    run("/dev/null for writing", lambda: os.write(os.open("/dev/null", 1), b"x"))

def flags():
    """openat2 with a resolve flag: natively it works."""
    os.chdir(a)
    d = os.open(a, os.O_RDONLY | os.O_DIRECTORY)
    run("openat2 NO_SYMLINKS of a file", how, "data", resolve=4)
    run("openat2 NO_SYMLINKS of a link", how, "link", resolve=4)
    run("openat2 NO_SYMLINKS of a link on the way", how, "link-dir/inner", resolve=4)
    run("openat2 BENEATH", how, "sub/../data", resolve=8)
    run("openat2 BENEATH out", how, "../b/data-b", resolve=8)
    run("openat2 BENEATH absolute", how, data, resolve=8)
    run("openat2 IN_ROOT", how, "/data", resolve=16, dirfd=d)
    run("openat2 IN_ROOT ..", how, "/../../data", resolve=16, dirfd=d)
    run("openat2 NO_MAGICLINKS", how, "data", resolve=2)

def own():
    """Names for what the program already has."""
    os.chdir(a)
    f = os.open(data, os.O_RDONLY)
    os.lseek(f, 3, 0)
    run("/dev/fd/N is open on the file", lambda: os.pread(os.open(f"/dev/fd/{f}", 0), 4, 0))
    run("/dev/stdin", lambda: os.read(os.open("/dev/stdin", 0), 6))
    run("/proc/self/fd/0", lambda: os.read(os.open("/proc/self/fd/0", 0), 6))
    run("/proc/thread-self/fd/0", lambda: os.read(os.open("/proc/thread-self/fd/0", 0), 6))
    run("/proc/PID/fd/0", lambda: os.read(os.open(f"/proc/{os.getpid()}/fd/0", 0), 6))
    run("/dev/stdout for writing", lambda: os.write(os.open("/dev/stdout", 1), b""))
    run("/dev/stderr for writing", lambda: os.write(os.open("/dev/stderr", 1), b"told\n"))
    run("/dev/fd/N closed", opened, "/dev/fd/999")
    run("stat of /dev/fd/N", lambda: os.stat(f"/dev/fd/{f}").st_ino == os.fstat(f).st_ino)
    run("stat of /proc/self/fd/N", lambda: os.stat(f"/proc/self/fd/{f}").st_ino == os.fstat(f).st_ino)
    run("readlink of /proc/self/fd/N", os.readlink, f"/proc/self/fd/{f}")
    run("access of /dev/stdin", os.access, "/dev/stdin", os.R_OK)
    run("open(2) of a link to /dev/stdin", lambda: os.read(os.open("stdin-link", 0), 6))
    run("readlink of /proc/self/exe", os.readlink, "/proc/self/exe")
    run("statfs of /dev/fd/N", lambda: os.statvfs(f"/dev/fd/{f}").f_namemax)
    buffer = ctypes.create_string_buffer(1 << 20)
    def mapped(path):
        with open(path) as lines:
            ranges = [[int(x, 16) for x in line.split()[0].split("-")] for line in lines]
        return any(begin <= ctypes.addressof(buffer) < end for begin, end in ranges)
    for name in "stat", "statm":
        def figures(path):
            with open(path) as text:
                first = text.read()
                return text.seek(0), text.read() == first, len(first.split()), first.split()[0] == str(os.getpid()), int(first.split()[1 if name == "statm" else 21]) > 0
        run(f"its figures: {name}", figures, f"/proc/self/{name}")
        run(f"its figures by its number: {name}", figures, f"/proc/{os.getpid()}/{name}")
        run(f"its figures are not inherited: {name}", lambda: os.get_inheritable(os.open(f"/proc/self/{name}", os.O_RDONLY)))
        run(f"its figures cannot be written to: {name}", os.write, os.open(f"/proc/self/{name}", os.O_RDONLY), b"x")
    if sys.version_info < (3, 14):  # no copy is kept for it: tracee/maps_copy.h
        return
    run("its memory map has what it mapped", mapped, "/proc/self/maps")
    run("the same by its number", mapped, f"/proc/{os.getpid()}/maps")
    def stack_size():
        attr, at, size = ctypes.create_string_buffer(64), ctypes.c_void_p(), ctypes.c_size_t()
        libc.pthread_self.restype = ctypes.c_void_p
        err = libc.pthread_getattr_np(ctypes.c_void_p(libc.pthread_self()), attr)
        # The program's arguments and environment lie above it: some pages more or less.
        return err or (libc.pthread_attr_getstack(attr, ctypes.byref(at), ctypes.byref(size)), -(-size.value >> 18))
    run("pthread_getattr_np() of the first thread", stack_size)
    def places():
        one, two = open("/proc/self/maps"), open("/proc/self/maps")
        line = one.readline()
        return one.readline() != line and two.readline() == line
    run("two open memory maps have places of their own", places)
    run("a memory map cannot be written to", os.write, os.open("/proc/self/maps", 0), b"x")

def out():
    """What nothing grants: the same answers, whether or not something is there: ENOENT to looks, EACCES to the rest."""
    os.chdir(a)
    for there, path in ("there", outside + "/file"), ("not there", outside + "/none"), ("a directory", outside + "/dir"), \
            ("beneath a file", outside + "/file/x"), ("a loop", outside + "/loop"), ("a long name", outside + "/" + "n" * 200):
        results[there] = [opened(path), statted(path), statx(path), sc("access", path.encode(), 0), link(path), sc("chdir", path.encode()),
                          sc("statfs", path.encode(), ctypes.create_string_buffer(120)), opened(path, os.O_PATH), statted(path, NOFOLLOW),
                          how(path)]
        if len(sys.argv) > 4:
            results[there] += [opened(path, 0o101, mode=0o600), opened(path, 0o1002), sc("mkdir", path.encode(), 0o700)]
    results["ways out"] = [opened("../../" + outside.split("/")[-1] + "/file"), opened("escape"), opened("escape-dir/file"),
                           opened("rel-escape"), opened(f"/proc/self/root{outside}/file"), opened(f"/proc/self/cwd/../..{outside}/file"),
                           opened(f"/proc/{os.getppid()}/cwd")]
{"in": inside, "flags": flags, "own": own, "out": out}[part]()
print("\n" + json.dumps(results))
'''


def make_arena():
    arena = h.place()
    a, b = arena + "/a", arena + "/b"
    h.put(a, "data", "what is in a/data\n")
    h.put(a, "sub/inner", "inner\n")
    h.put(a, "inner", "outer inner\n")
    h.put(a, "sub/deep/inner", "deep\n")
    h.put(b, "data-b", "what is in b\n")
    for name, target in (
        ("link", "data"),
        ("link2", "link"),
        ("link-dir", "sub"),
        ("to-b", "../b"),
        ("abs-b", b + "/data-b"),
        ("loop", "loop"),
        ("dangling", "nothing"),
        ("sub/up", ".."),
        ("stdin-link", "/dev/stdin"),
    ):
        os.symlink(target, f"{a}/{name}")
    os.symlink(a, b + "/back")
    os.symlink("data", a + "/chain0")
    for i in range(1, 42):
        os.symlink(f"chain{i - 1}", f"{a}/chain{i}")
    os.unlink(a + "/chain0")
    os.rename(a + "/chain1", a + "/chain0")
    os.symlink("data", a + "/chain1")  # chainN is N links long
    with open(os.fsencode(a) + b"/\xff\xfe-latin", "wb") as f:
        f.write(b"latin\n")
    with open(os.fsencode(a) + b"/line\n\x1b[31mred", "wb") as f:
        f.write(b"red\n")
    os.mkfifo(a + "/fifo")
    os.chmod(h.put(a, "unreadable", "x"), 0)
    return arena


def compare(part, arena, outside, script):
    words = [h.PYTHON, script, arena, outside, part]
    stdin = b"first\nsecond\nthird\nfourth\nfifth\nsixth\nseventh\neighth\n"
    answers = []
    for runner, more in (h.native, []), (lambda w, **k: h.proctor(w, "-r", arena, **k), ["all"]):
        run = runner(words + more, stdin=stdin, cwd=arena)
        if not h.check(f"{part}: the program runs to its end", run.status == 0, run):
            h.finish()
        answers.append(json.loads(run.out.rpartition(b"\n{")[2].join([b"{", b""])))
    return answers, run


def main():
    arena, outside = make_arena(), h.place()
    h.put(outside, "file", "secret\n")
    os.mkdir(outside + "/dir")
    os.symlink("loop", outside + "/loop")
    os.symlink(outside + "/file", arena + "/a/escape")
    os.symlink(outside, arena + "/a/escape-dir")
    os.symlink("../../" + outside.split("/")[-1] + "/file", arena + "/a/rel-escape")
    script = h.put(h.place(), "ways.py", PROGRAM)
    for part in "in", "own":
        (bare, run), proctor_run = compare(part, arena, outside, script)
        for name in bare:
            h.equal(f"{part}: {name}", run.get(name), bare[name])
        h.check(
            f"{part}: nothing was refused",
            proctor_run.verdict["violations"] == 0,
            [(r["event"]["action"], r["syscall"]["args"][:3]) for r in proctor_run.refused()][:5],
        )
    # A resolve flag: done as asked, or told to be absent as on a kernel without openat2; never another file.
    (bare, run), proctor_run = compare("flags", arena, outside, script)
    for name in bare:
        h.check(f"{name}: as natively, or ENOSYS", run[name] in (bare[name], "ENOSYS"), run[name], bare[name])
    (bare, run), proctor_run = compare("out", arena, outside, script)
    h.title("outside")
    h.check(
        "natively the ways lead somewhere", "secret" in str(bare["there"]) and "secret" in str(bare["ways out"]), bare
    )
    first = run["not there"]
    h.equal("what is not there is refused, and absent to a look", first,
            ["EACCES"] + ["ENOENT"] * 4 + ["EACCES", "ENOENT", "EACCES", "ENOENT", "EACCES"] + ["EACCES"] * 3)
    for name in run:
        if name != "ways out":
            h.equal(f"{name}: the same answers as for what is not there", run[name], first)
    h.check("no way leads out", all(r in ("EACCES", "ENOENT") for r in run["ways out"]), run["ways out"])
    h.check(
        "each is in the log",
        len(proctor_run.refused()) == proctor_run.verdict["violations"]
        and proctor_run.verdict["violations"] + proctor_run.verdict["refusals"]["look"] >= 70,
        proctor_run.verdict,
    )
    h.title("figures of its own")
    figures = h.put(h.place(), "figures.py", "for name in 'stat', 'statm':\n    try: print(len(open('/proc/self/' + name).read(1)))\n"
                    "    except OSError as error: print(error.errno)\n")
    for rule, wanted in ("hide: [/proc]", b"2\n2\n"), ("hide: [/proc/self/stat]", b"2\n1\n"), ("never: [/proc/self/statm]", b"1\n13\n"), ("never: [/proc]", b"13\n13\n"):
        policy = h.put(h.place(), "policy.yaml", f"version: 1\nextends: builtin:pure\n{rule}\n")
        h.equal(f"a policy that says {rule} means it", h.proctor([h.PYTHON, figures], "-p", policy).out, wanted)
    run = h.proctor([h.PYTHON, figures], "--mode", "audit", "-q")
    h.equal("in audit mode they are no violation", (run.out, run.verdict["violations"]), (b"1\n1\n", 0))
    h.equal("no process is left", h.survivors(), [])
    h.finish()


main()
