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
data, control = ctypes.create_string_buffer(8), ctypes.create_string_buffer(256)
iov = ctypes.create_string_buffer(struct.pack('<QQ', address(data), 8))
for flags in (0, 0x40000000, 0x10000, 2):  # by recvmmsg, with and without MSG_WAITFORONE
    s = socket.socket(socket.AF_UNIX)
    s.connect(F['service_unix'])
    message = struct.pack('<QQQQQQQQ', 0, 0, address(iov), 1, address(control), 256, 0, 0)
    vec = ctypes.create_string_buffer(message * 2, 128)
    ctypes.memset(control, 0, 256)
    say(sc('recvmmsg', s.fileno(), vec, 1 if flags != 0x10000 else 2, flags, 0))
    if control.raw[:8] != bytes(8):
        took(struct.unpack('i', control.raw[16:20])[0])
    s.close()
for fd in range(3, 64):
    took(fd) if NATIVE or os.path.exists('/proc/self/fd/%d' % fd) and fd not in (3,) else None
