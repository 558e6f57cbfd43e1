# SPDX-License-Identifier: Apache-2.0
# attack: options of a granted socket that reach farther than it
# class: net
# wins: effect
# native: n/a: most need root, and change the socket alone
# logged: setsockopt getsockopt
# options: --connect 127.0.0.1:%{service4} --connect udp:127.0.0.1:%{service_udp}
from kit import *

import socket
tried()
s, u = socket.socket(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
f = ctypes.create_string_buffer(struct.pack('<HBBI', 6, 0, 0, 0))
one = struct.pack('<i', 1)
for level, option, value in ((1, 25, b'lo\0'), (6, 31, b'tls\0'), (1, 26, struct.pack('<HxxxxxxQ', 1, address(f))), (6, 19, one),
                             (1, 15, one), (0, 19, one), (0, 4, bytes(40)), (6, 30, one), (6, 23, one), (1, 16, one), (1, 50, one),
                             (1, 36, one), (1, 32, one), (1, 33, one), (1, 13, struct.pack('<ii', 1, 3600)), (1, 60, one),
                             (0, 8, one), (0, 35, bytes(8)), (0, 17, one), (41, 49, one), (6, 13, b'bbr\0'), (17, 100, one),
                             (1, 1, one), (1, 12, one), (1, 46, one), (1, 62, struct.pack('<i', 0)), (6, 14, bytes(100))):
    for fd in (s.fileno(), u.fileno()):
        if sc('setsockopt', fd, level, option, value, len(value)) == 0:
            effect('setsockopt %d %d' % (level, option))
n = ctypes.c_int(64)
for level, option in ((1, 77), (1, 17), (1, 26), (1, 31), (0, 9), (6, 31)):
    if sc('getsockopt', s.fileno(), level, option, ctypes.create_string_buffer(64), ctypes.byref(n)) == 0:
        effect('getsockopt %d %d' % (level, option))
