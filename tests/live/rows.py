#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Calls that would reach others are answered as without proctor and do nothing there: flushes, advice about
caches, barriers for every processor, the addresses behind an inherited socket, reserved descriptors.
"""

import socket
import sys

sys.dont_write_bytecode = True
import harness as h

COMMON = r"""
import ctypes, errno, os, resource, select, socket, struct
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def sc(nr, *args):
    r = libc.syscall(ctypes.c_long(nr), *[ctypes.c_long(a) if isinstance(a, int) else a for a in args])
    return r if r != -1 else errno.errorcode[ctypes.get_errno()]
def tell(name, *results):
    print(name, *results, flush=True)
"""

SAME = r"""
file, directory, zero = os.open('data.txt', os.O_RDONLY), os.open('.', os.O_RDONLY), os.open('/dev/null', os.O_RDONLY)
r, w = os.pipe()
poll = select.epoll().fileno()
a, b = socket.socketpair()
everything = [file, directory, zero, r, w, poll, a.fileno(), 999, -1]
tell('fsync', [sc(74, fd) for fd in everything])
tell('fdatasync', [sc(75, fd) for fd in everything])
tell('readahead', [sc(187, fd, 0, 4096) for fd in everything if fd not in (directory, zero)])
tell('fadvise', [sc(221, fd, 0, 0, advice) for fd in (file, r, 999) for advice in (0, 3, 4, 5, 6, 2**32)])
tell('fadvise', sc(221, file, 0, -1, 0))
tell('preadv2', os.preadv(file, [bytearray(4)], 0), sc(327, file, None, 0, 0, 0, 0))
word, name = ctypes.c_int(), ctypes.create_string_buffer(128)
for nr in 51, 52:
    for fd in a.fileno(), file, 999:
        word.value = 128
        tell('name', nr, sc(nr, fd, name, ctypes.byref(word)), word.value, name.raw[:2])
    word.value = 1
    tell('name', nr, sc(nr, a.fileno(), name, ctypes.byref(word)), word.value)
    word.value = -1
    tell('name', nr, sc(nr, a.fileno(), name, ctypes.byref(word)))
    tell('name', nr, sc(nr, a.fileno(), name, None), sc(nr, a.fileno(), None, ctypes.byref(word)))
tell('names', repr(a.getsockname()), repr(a.getpeername()), socket.socket(fileno=os.dup(b.fileno())).family.name)
b.send(b'hello')
tell('recvfrom', a.recvfrom(100))
c, d = socket.socketpair(type=socket.SOCK_DGRAM)
d.send(b'datagram')
tell('recvfrom', c.recvfrom(100))
c.setblocking(False)
try: c.recvfrom(100)
except BlockingIOError: tell('recvfrom would block')
tell('private barrier', sc(324, 16, 0, 0), sc(324, 8, 0, 0))
"""

GLOBAL = r"""
asked = sc(324, 0, 0, 0)
tell(asked & 7, asked >= 8, sc(324, 1, 0, 0), sc(324, 2, 0, 0), sc(324, 4, 0, 0), sc(324, 0, 5, 0))
tell(sc(327, os.open('data.txt', 0), struct.pack('<QQ', 0, 0), 1, 0, 0, 8))
"""

RESERVED = r"""
first = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
there = [fd for fd in range(first, 4096 + 64) if not isinstance(sc(72, fd, 1, 0), str)]
tell(len(there) > 0)
answers = set()
for fd in there:
    answers |= {sc(32, fd), sc(33, fd, 77), sc(292, fd, 78, 0), sc(72, fd, 0, 3), sc(72, fd, 1030, 3), sc(16, fd, 0x5451), sc(16, fd, 0x5450),
                sc(32, fd | 1 << 32), sc(72, fd | 1 << 32, 0, 3), sc(33, fd, fd), sc(74, fd), sc(51, fd, None, None)}
tell(answers)
tell(sc(32, 49), sc(33, 49, 47), sc(292, -1, 47, 0), sc(72, 49, 0, 3), sc(72, 0, 0, 3) > 2, sc(33, 0, 47), sc(292, 0, 48, 0))
"""

INHERITED = r"""
word, name = ctypes.c_int(128), ctypes.create_string_buffer(128)
tell(sc(51, 0, name, ctypes.byref(word)), sc(52, 0, name, ctypes.byref(word)), name.raw.strip(b'\0'))
word.value = 128
got = ctypes.create_string_buffer(100)
tell(sc(45, 0, got, 100, 0, name, ctypes.byref(word)), got.value, name.raw.strip(b'\0'), word.value)
"""

arena = h.place()
h.put(arena, "data.txt", "data\n")

script = h.put(arena, "same.py", COMMON + SAME)
bare = h.native([h.PYTHON, script], cwd=arena)
for options in [], ["--calls", "all"]:
    run = h.proctor([h.PYTHON, script], *options, cwd=arena)
    h.check(
        f"the answers are the kernel's {options}",
        (run.status, run.out) == (bare.status, bare.out) == (0, run.out) and not run.refused(),
        bare,
        run,
    )
    for action in "fsync", "fdatasync", "readahead", "fadvise64":
        found = [r for r in run.calls(action) if r["syscall"].get("ret") == 0]
        h.check(
            f"and {action} is done by nobody {options}",
            found and all(r["decision"]["how"] == "emulate" for r in found),
            found[:1],
        )
run = h.proctor([h.PYTHON, script], cwd=arena, preexec_fn=h.forbid((438, 1)))
h.check("also where descriptors are handed over", (run.status, run.out) == (bare.status, bare.out), bare, run)

run = h.proctor([h.PYTHON, h.put(arena, "global.py", COMMON + GLOBAL)], cwd=arena)
h.check(
    "barriers for everybody, and reads that tell what is cached, are not there",
    run.out == b"0 True EINVAL EINVAL EINVAL EINVAL\nENOTSUP\n" and not run.refused(),
    run,
)

script = h.put(arena, "reserved.py", COMMON + RESERVED)
for options in [], ["--files", "50"]:
    run = h.proctor([h.PYTHON, script], *options, cwd=arena)
    h.check(
        f"a reserved descriptor gets no other number {options}",
        run.out == b"True\n{'EBADF'}\nEBADF EBADF EBADF EBADF True 47 48\n",
        run,
    )

server = socket.create_server(("127.0.0.1", 0))
ours = socket.create_connection(server.getsockname())
theirs, _ = server.accept()
ours.sendall(b"input")
script = h.put(arena, "inherited.py", COMMON + INHERITED)
run = h.proctor([h.PYTHON, script], cwd=arena, stdin=theirs)
h.check("an inherited socket has no address", run.out == b"ENOTSOCK ENOTSOCK b''\n5 b'input' b'' 0\n", run)
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    receiver.bind(("127.0.0.1", 0))
    sender.sendto(b"input", receiver.getsockname())
    run = h.proctor([h.PYTHON, script], cwd=arena, stdin=receiver)
    h.check(
        "and does not say who sent a datagram",
        run.out in (b"ENOTSOCK ENOTCONN b''\n5 b'input' b'' 0\n",),
        run,
    )
h.finish()
