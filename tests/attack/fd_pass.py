# SPDX-License-Identifier: Apache-2.0
# attack: the supervisor's descriptors are sent through a socketpair and come back under other numbers
# class: reserved
# wins: leak
from kit import *

import socket
fds = reserved()
tried()
for fd in fds:
    a, b = socket.socketpair()
    b.settimeout(0.2)
    try:
        socket.send_fds(a, [b'x'], [fd])
        for new in socket.recv_fds(b, 1, 4)[1]:
            took(openat('../box1/twin.txt', 0, new))
            took(openat(SECRET[1:], 0, new))
            say('PASSED', new)
    except OSError:
        pass
    a.close()
    b.close()
