# SPDX-License-Identifier: Apache-2.0
# attack: memory of the kernel: socketpairs of each kind, filled and half closed, and pipes beside them
# class: resources
# wins: effect
# native: n/a: that memory is nobody's; what counts is that it is bounded under proctor
# limits: mem=32 wall=20
from kit import *

import socket
tried()
total = 0
block = b'x' * 65536
keep = []


def fill(fd, size=65536):
    global total
    os.set_blocking(fd, False)
    try:
        while True:
            total += os.write(fd, block[:size])
    except OSError:
        pass


def whole(kind):
    a, b = socket.socketpair(type=kind)
    fill(a.fileno(), 30000)
    fill(b.fileno(), 30000)
    return [a, b]


def half(kind):
    a, b = socket.socketpair(type=kind)
    fill(a.fileno(), 30000)
    a.close()
    return [b]


def pipe():
    r, w = os.pipe()
    fill(w)
    os.close(w)
    return [r]


def until_refused(make):
    try:
        while total < 600 << 20:
            keep.extend(make())
    except OSError as e:
        say(e)


def together():
    threads = [threading.Thread(target=until_refused, args=(pipe if i & 1 else lambda: half(socket.SOCK_STREAM),))
               for i in range(8)]
    [t.start() for t in threads]
    [t.join() for t in threads]


for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET:
    until_refused(lambda: half(kind))
    until_refused(lambda: whole(kind))
until_refused(pipe)
together()
say('KERNEL BYTES', total, len(keep))
if total > 40 << 20:
    effect('%d MiB of kernel memory with a limit of 32' % (total >> 20))
