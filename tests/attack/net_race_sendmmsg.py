# SPDX-License-Identifier: Apache-2.0
# attack: sendmmsg whose names, count and parts another thread changes after the check
# class: net
# wins: net
# needs: race
# options: --connect 127.0.0.1:%{service4} --connect udp:127.0.0.1:%{service_udp}
from kit import *

import socket
def sockaddr(port):
    return struct.pack('<H', 2) + struct.pack('>H', port) + bytes([127, 0, 0, 1]) + bytes(8)


names = ctypes.create_string_buffer(sockaddr(F['service_udp']) + sockaddr(F['udp4']), 32)
data = ctypes.create_string_buffer(b'x')
iov = ctypes.create_string_buffer(struct.pack('<QQ', address(data), 1))
one_message = struct.pack('<QQQQQQQQ', address(names), 16, address(iov), 1, 0, 0, 0, 0)
vec = ctypes.create_string_buffer(one_message * 3, 192)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
tried()
flips = [Flipper(address(vec) + 64 * k, (address(names) ^ address(names) + 16) & 255) for k in range(2)]


def one(i):
    sc('sendmmsg', s.fileno(), vec, 3, 0)
    return NATIVE and i > 2000


rounds(one)
for f in flips:
    f.end()
