# SPDX-License-Identifier: Apache-2.0
# attack: addresses without a family, which the kernel takes for IPv4 or for an end of the connection
# class: net
# wins: net
# options: --connect 127.0.0.1:%{service4} --connect udp:127.0.0.1:%{service_udp}
from kit import *

import socket
def sockaddr(port, family=0):
    return struct.pack('<H', family) + struct.pack('>H', port) + bytes([127, 0, 0, 1]) + bytes(8)


tried()
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
say(sc('sendto', s.fileno(), b'x', 1, 0, sockaddr(F['udp4']), 16))
s.connect(('127.0.0.1', F['service_udp']))
say(sc('connect', s.fileno(), sockaddr(F['udp4']), 16), sc('sendto', s.fileno(), b'x', 1, 0, sockaddr(F['udp4']), 16))
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
say(sc('sendto', s.fileno(), b'x', 1, 0, sockaddr(F['udp4'], 2), 16))
t = socket.socket()
t.connect(('127.0.0.1', F['service4']))
say(sc('connect', t.fileno(), bytes(16), 16), sc('connect', t.fileno(), sockaddr(F['tcp4'], 2), 16))
