# SPDX-License-Identifier: Apache-2.0
# attack: a socketpair end is bound: to a path, to an abstract name, by autobind; then listens
# class: socket
# wins: files unlogged
# logged: bind
from kit import *

import socket
tried()
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
    a, b = socket.socketpair(socket.AF_UNIX, kind)
    for s, addr in ((a, b'\1\0' + os.fsencode(F['prey'] + '/sock%d' % kind) + b'\0'), (b, b'\1\0'), (b, b'\1\0\0attack-x')):
        sc('bind', s.fileno(), addr, len(addr))
        sc('listen', s.fileno(), 1)
        sc('accept', s.fileno(), None, None) if sc('getsockname', s.fileno(), addr, b'\0') == 99 else None
