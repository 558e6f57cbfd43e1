# SPDX-License-Identifier: Apache-2.0
# attack: stdout is sent through a socketpair, received under another number and made O_NONBLOCK
# class: stdio
# wins: stdio
from kit import *

import socket
tried()
a, b = socket.socketpair()
try:
    socket.send_fds(a, [b'x'], [1])
    _, fds, _, _ = socket.recv_fds(b, 1, 1)
    os.close(1)
    os.dup2(fds[0], 1)
    for fd in fds:
        sc('fcntl', fd, 4, os.O_NONBLOCK)
except OSError as e:
    say(e)
