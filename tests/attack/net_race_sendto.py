# SPDX-License-Identifier: Apache-2.0
# attack: sendto with an address that another thread changes after the check
# class: net
# wins: net
# needs: race
# options: --connect udp:127.0.0.2:%{udp4}
from kit import *

import socket
good = struct.pack('<H', 2) + struct.pack('>H', F['udp4']) + bytes([127, 0, 0, 2]) + bytes(8)
addr = ctypes.create_string_buffer(good, 16)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
tried()
f = Flipper(address(addr) + 7, 3)


def one(i):
    sc('sendto', s.fileno(), b'x', 1, 0, addr, 16)
    return NATIVE and i > 2000


rounds(one)
f.end()
