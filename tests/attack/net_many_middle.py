# SPDX-License-Identifier: Apache-2.0
# attack: sendmmsg with an address that is not granted in the middle
# class: net
# wins: net
# logged: sendmmsg
# options: --connect 127.0.0.1:%{service4} --connect udp:127.0.0.1:%{service_udp}
from kit import *

import socket
def sockaddr(port):
    return struct.pack('<H', 2) + struct.pack('>H', port) + bytes([127, 0, 0, 1]) + bytes(8)


names = ctypes.create_string_buffer(sockaddr(F['service_udp']) + sockaddr(F['udp4']), 32)
data = ctypes.create_string_buffer(b'x')
iov = ctypes.create_string_buffer(struct.pack('<QQ', address(data), 1))
vec = b''.join(struct.pack('<QQQQQQQQ', address(names) + at, 16, address(iov), 1, 0, 0, 0, 0) for at in (0, 16, 0))
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
tried()
for first in range(3):
    say(sc('sendmmsg', s.fileno(), vec[64 * first:], 3 - first, 0))
