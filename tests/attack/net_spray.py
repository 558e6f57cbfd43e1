# SPDX-License-Identifier: Apache-2.0
# attack: datagrams to every port
# class: net
# wins: net
# logged: sendto
# options: --connect 127.0.0.1:%{service4} --connect udp:127.0.0.1:%{service_udp}
from kit import *

import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
tried()
for port in [F['udp4'] + k for k in range(-50, 50)]:
    try:
        s.sendto(b'x', ('127.0.0.1', port))
        s.sendto(b'x', 0, ('127.0.0.1', port))
    except (OSError, OverflowError):
        pass
