# SPDX-License-Identifier: Apache-2.0
# attack: TCP connections by sending: MSG_FASTOPEN, TCP_FASTOPEN_CONNECT
# class: net
# wins: net
# logged: setsockopt
# options: --connect 127.0.0.1:%{service4} --connect udp:127.0.0.1:%{service_udp}
from kit import *

import socket
addr = struct.pack('<H', 2) + struct.pack('>H', F['tcp4']) + bytes([127, 0, 0, 1]) + bytes(8)
tried()
say(sc('sendto', socket.socket().fileno(), b'x', 1, 0x20000000, addr, 16))
iov = ctypes.create_string_buffer(struct.pack('<QQ', address(ctypes.create_string_buffer(b'x')), 1))
name = ctypes.create_string_buffer(addr, 16)
msg = struct.pack('<QQQQQQQ', address(name), 16, address(iov), 1, 0, 0, 0)
say(sc('sendmsg', socket.socket().fileno(), msg, 0x20000000))
s = socket.socket()
say(sc('setsockopt', s.fileno(), 6, 30, struct.pack('i', 1), 4), sc('connect', s.fileno(), addr, 16))
