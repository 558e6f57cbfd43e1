# SPDX-License-Identifier: Apache-2.0
# attack: datagrams by sendto, sendmsg and sendmmsg
# class: socket
# wins: net
# logged: socket
from kit import *

import socket
tried()
for family, addr in ((socket.AF_INET, ('127.0.0.1', F['udp4'])), (socket.AF_INET6, ('::1', F.get('udp6', 1)))):
    try:
        s = socket.socket(family, socket.SOCK_DGRAM)
        s.sendto(b'x', addr)
        s.sendmsg([b'x'], [], 0, addr)
    except OSError as e:
        say(e)
