# SPDX-License-Identifier: Apache-2.0
# attack: socket options on a socketpair: filters, timestamps, credentials, pidfds of peers
# class: socket
# wins: unlogged effect
# native: n/a: they change the socketpair alone
# logged: setsockopt getsockopt
from kit import *

import socket
tried()
a, b = socket.socketpair()
f = ctypes.create_string_buffer(struct.pack('<HBBI', 6, 0, 0, 0))
prog = struct.pack('<HxxxxxxQ', 1, address(f))
for level, option, value in ((1, 26, prog), (1, 16, struct.pack('<i', 1)), (1, 50, struct.pack('<i', 3)), (1, 36, struct.pack('<i', 1)), (0, 64, bytes(100))):
    if sc('setsockopt', a.fileno(), level, option, value, len(value)) == 0:
        effect('setsockopt %d %d' % (level, option))
n = ctypes.c_int(4)
fd = ctypes.c_int(-1)
if sc('getsockopt', a.fileno(), 1, 77, ctypes.byref(fd), ctypes.byref(n)) == 0 and fd.value >= 0:
    effect('a pidfd of the peer')
