# SPDX-License-Identifier: Apache-2.0
# attack: sockets of other kinds than those that are granted
# class: net
# wins: effect
# logged: socket
# options: --connect 127.0.0.1:%{service4} --connect udp:127.0.0.1:%{service_udp} --bind unix:@proctor-x
from kit import *

import socket
tried()
for domain, kind, protocol in ((2, 3, 1), (2, 3, 255), (10, 3, 58), (17, 3, 768), (17, 2, 768), (40, 1, 0), (38, 5, 0), (31, 3, 1),
                               (2, 1, 262), (2, 1, 132), (2, 2, 136), (2, 5, 0), (16, 3, 0), (16, 3, 16), (1, 3, 0), (29, 3, 1),
                               (30, 1, 0), (2, 2, 1), (44, 3, 0), (2, 1 | 1 << 32, 6)):
    fd = sc('socket', domain, kind, protocol)
    if fd >= 0 and (domain, kind & 15, protocol) != (2, 1, 6):
        effect('socket %d %d %d' % (domain, kind, protocol))
if NATIVE:
    effect()
