# SPDX-License-Identifier: Apache-2.0
# attack: a descriptor that a granted service sends
# class: net
# wins: leak
# options: --connect unix:%A/box1/service
# needs: net
from kit import *

import socket
tried()
for flags in (0, 0x40000000, 2):
    s = socket.socket(socket.AF_UNIX)
    s.connect(F['service_unix'])
    for control in s.recvmsg(8, 256, flags)[1]:
        took(struct.unpack('i', control[2][:4])[0])
    try:
        s.sendall(b'x')
    except OSError as e:
        say(e)
for fd in range(3, 64):
    took(fd) if NATIVE or os.path.exists('/proc/self/fd/%d' % fd) and fd not in (3,) else None
