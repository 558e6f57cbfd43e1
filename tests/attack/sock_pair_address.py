# SPDX-License-Identifier: Apache-2.0
# attack: a datagram socketpair is allowed; it is used with an address
# class: socket
# wins: net
from kit import *

import socket
tried()
addr = b'\1\0' + os.fsencode(F['unix_dgram']) + b'\0'
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
for s in (a, b):
    sc('sendto', s.fileno(), b'x', 1, 0, addr, len(addr))
    name = ctypes.create_string_buffer(addr)
    data = ctypes.create_string_buffer(b'x')
    iov = struct.pack('<QQ', address(data), 1)
    iovb = ctypes.create_string_buffer(iov)
    msg = ctypes.create_string_buffer(struct.pack('<QQQQQQQ', address(name), len(addr), address(iovb), 1, 0, 0, 0), 64)
    sc('sendmsg', s.fileno(), msg, 0)
    sc('sendmmsg', s.fileno(), msg, 1, 0)
    sc('connect', s.fileno(), addr, len(addr))
    sc('write', s.fileno(), b'x', 1)
