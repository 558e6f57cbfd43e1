# SPDX-License-Identifier: Apache-2.0
# attack: datagrams by sendto, sendmsg and sendmmsg
# class: socket
# wins: net
# logged: socket
# logged where net: sendto sendmsg sendmmsg
from kit import *

import socket


def many(s, family, addr):
    """sendmmsg of one message to ADDR."""
    port = addr[1].to_bytes(2, 'big')
    name = ctypes.create_string_buffer(struct.pack('=H', family) + port + (
        socket.inet_pton(family, addr[0]) + bytes(8) if family == socket.AF_INET else bytes(4) + socket.inet_pton(family, addr[0]) + bytes(4)))
    data = ctypes.create_string_buffer(b'x')
    vector = ctypes.create_string_buffer(struct.pack('PN', address(data), 1))
    message = ctypes.create_string_buffer(struct.pack('PIPNPNiI', address(name), len(name) - 1, address(vector), 1, 0, 0, 0, 0))
    sc('sendmmsg', s.fileno(), message, 1, 0)


tried()
for family, addr in ((socket.AF_INET, ('127.0.0.1', F['udp4'])), (socket.AF_INET6, ('::1', F.get('udp6', 1)))):
    for send in (lambda s: s.sendto(b'x', addr), lambda s: s.sendmsg([b'x'], [], 0, addr), lambda s: many(s, family, addr)):
        try:
            send(socket.socket(family, socket.SOCK_DGRAM))
        except OSError as e:
            say(e)
