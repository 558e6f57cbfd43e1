#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""With a limit on memory, pipes, sockets and epoll watches work as they do without, as long as what they could
hold at a time is beneath it; what was closed counts no more.
"""

import sys

sys.dont_write_bytecode = True
import harness as h

MANY = r"""
import asyncio, os, select, socket, subprocess, threading
async def nothing():
    r, w = await asyncio.open_connection(sock=socket.socketpair()[0])
    w.close()
for i in range(100):
    asyncio.run(nothing())
for i in range(2000):
    a, b = socket.socketpair(); r, w = os.pipe()
    a.send(b'x'); os.write(w, b'y')
    assert (b.recv(9), os.read(r, 9)) == (b'x', b'y')
    a.close(); b.close(); os.close(r); os.close(w)
held = [socket.socketpair() for i in range(20)] + [os.pipe() for i in range(20)]
ep = select.epoll()
for i in range(5000):
    ep.register(held[i % 20][0], select.EPOLLIN); ep.unregister(held[i % 20][0])
copies = [os.dup(held[0][0].fileno()) for i in range(300)]  # of one socket: no more memory
more = [socket.socketpair() for i in range(10)]
def work():
    for i in range(200):
        a, b = socket.socketpair(); a.close(); b.close()
threads = [threading.Thread(target=work) for i in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
print('done')
"""

BOUND = r"""
import os, socket
pairs = [socket.socketpair()]
most = (64 << 20) // (2 * pairs[0][0].getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)) + 1
try:
    while len(pairs) < most + 50: pairs.append(socket.socketpair())
except OSError as e: print(e.errno, most // 4 < len(pairs) <= most)
held, pairs = len(pairs), pairs[:10]
try:
    # Not as many as before: what is resident counts as well, and is looked at now and then.
    for i in range(held // 2): pairs.append(socket.socketpair())
    print('again', len(pairs) > 20)
except OSError as e: print(e)
"""

# What trio does to be woken, and what its sockets are counted with.
SIZES = r"""
import socket, sys
a, b = socket.socketpair()
whole = a.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
for name in 'SO_RCVBUF', 'SO_SNDBUF', 'SO_RCVLOWAT', 'SO_KEEPALIVE':
    a.setsockopt(socket.SOL_SOCKET, getattr(socket, name), 1)
    print(name, a.getsockopt(socket.SOL_SOCKET, getattr(socket, name)))
for kind in [socket.socketpair(), socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)] + (
        [[socket.socket(socket.AF_INET, socket.SOCK_DGRAM)]] if len(sys.argv) > 1 else []):
    for name in 'SO_RCVBUF', 'SO_SNDBUF':
        for size in -1, 1 << 30, whole:
            kind[0].setsockopt(socket.SOL_SOCKET, getattr(socket, name), size)
            if kind[0].getsockopt(socket.SOL_SOCKET, getattr(socket, name)) > whole: print(kind, name, size, 'is more')
a, b = socket.socketpair()
a.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 30)
a.setblocking(False)
stored = 0
try:
    while True: stored += a.send(b'x' * 4096)
except BlockingIOError: print('full', stored <= whole)
for level, name in (socket.SOL_SOCKET, socket.SO_PASSCRED), (socket.SOL_SOCKET, 32), (socket.IPPROTO_TCP, socket.TCP_NODELAY):
    try: a.setsockopt(level, name, 1 << 30); print('set', level, name)
    except OSError as e:
        if level == socket.IPPROTO_TCP: print(e.errno)
"""
SIZED = b"SO_RCVBUF 2304\nSO_SNDBUF 4608\nSO_RCVLOWAT 1\nSO_KEEPALIVE 1\nfull True\n95\n"
# Each of them is made where the count has reached the bound: what is open has to be looked through each time.
AT_BOUND = r"""
import os, socket
pairs = []
try:
    while True: pairs.append(socket.socketpair())
except OSError: pass
copies = [os.dup(0) for i in range(500)]
del pairs[len(pairs) // 2:]
room = len(pairs) // 4
for i in range(1000):
    more = [socket.socketpair() for n in range(room)]
    [end.close() for pair in more for end in pair]
print('always')
"""

arena = h.place()
script = h.put(arena, "many.py", MANY)
for options in [], ["--memory", "64MiB"], ["--memory", "64MiB", "--files", "500"]:
    run = h.proctor([h.PYTHON, script], *options, cwd=arena)
    h.check(f"a program with many of them in turn {options}", (run.status, run.out) == (0, b"done\n"), run)
run = h.proctor([h.PYTHON, h.put(arena, "bound.py", BOUND)], "--memory", "64MiB", cwd=arena)
h.check("the bound is told, and what was closed can be made again", run.out == b"23 True\nagain True\n", run)
told = [r for r in run.calls("socketpair") if r["syscall"].get("ret") == -23]
h.check("and the record names the limit", told and told[0]["rule"]["id"] == "limit" and not run.refused(), told[:1])
run = h.proctor([h.PYTHON, h.put(arena, "at_bound.py", AT_BOUND)], "--memory", "64MiB", cwd=arena)
h.check("however often it is counted anew, what fits can be made", run.out == b"always\n", run)
run = h.proctor([h.PYTHON, "bound.py"], "--memory", "64MiB", "--mode", "audit", cwd=arena)
h.check("audit mode bounds nothing", run.out == b"again True\n", run)
script = h.put(arena, "sizes.py", SIZES)
for options in [], ["--scratch", "--process", "fork"], ["--connect", "udp:127.0.0.1:*"]:
    run = h.proctor([h.PYTHON, script, *options[:1]] if "--connect" in options else [h.PYTHON, script], *options, cwd=arena)
    h.check(f"a pair's buffers become smaller, and never larger than they are counted {options}", (run.status, run.out) == (0, SIZED), run)
h.finish()
