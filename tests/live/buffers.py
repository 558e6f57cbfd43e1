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
    for i in range(held - 20): pairs.append(socket.socketpair())
    print('again', len(pairs) > 20)
except OSError as e: print(e)
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
run = h.proctor([h.PYTHON, "bound.py"], "--memory", "64MiB", "--mode", "audit", cwd=arena)
h.check("audit mode bounds nothing", run.out == b"again True\n", run)
h.finish()
