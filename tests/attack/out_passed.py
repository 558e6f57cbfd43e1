# SPDX-License-Identifier: Apache-2.0
# attack: stdout is passed through a socketpair and the output is spread over its copies
# class: output
# wins: limit
# limits: out=200000 wall=8
# verdict: OL
from kit import *

import socket
tried()
a, b = socket.socketpair()
fds = [1]
try:
    socket.send_fds(a, [b'x'], [1, 1, 1])
    fds = socket.recv_fds(b, 1, 4)[1]
except OSError as e:
    say(e)
while True:
    for fd in fds:
        sc('write', fd, b't' * 4096, 4096)
