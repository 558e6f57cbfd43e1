# SPDX-License-Identifier: Apache-2.0
# attack: the calls of granted sockets on one that the program was started with
# class: net
# wins: stdio effect
# native: n/a: it may do with its own what it likes
# stdout: socket
# options: --connect 127.0.0.1:%{service4} --connect udp:127.0.0.1:%{service_udp} --bind 127.0.0.1:0
# needs: net
from kit import *

import socket
tried()
addr = struct.pack('<H', 2) + struct.pack('>H', F['service4']) + bytes([127, 0, 0, 1]) + bytes(8)
data = ctypes.create_string_buffer(b'x')
iov = ctypes.create_string_buffer(struct.pack('<QQ', address(data), 1))
msg = struct.pack('<QQQQQQQ', 0, 0, address(iov), 1, 0, 0, 0)
peer, n = ctypes.create_string_buffer(128), ctypes.c_int(128)
for name, args in (('connect', (addr, 16)), ('connect', (bytes(16), 16)), ('bind', (addr, 16)), ('listen', (5,)), ('accept', (0, 0)),
                   ('sendto', (b'x', 1, 0, addr, 16)), ('sendmsg', (msg, 0)), ('setsockopt', (1, 9, struct.pack('i', 1), 4))):
    r = sc(name, 1, *args)
    if r >= 0:
        effect('%s on stdout: %d' % (name, r))
