# SPDX-License-Identifier: Apache-2.0
# attack: TCP connections to the machine itself, IPv4 and IPv6
# class: socket
# wins: net
# logged: socket
# logged where net: connect
from kit import *

import socket
tried()
for family, addr in ((socket.AF_INET, ('127.0.0.1', F['tcp4'])), (socket.AF_INET6, ('::1', F.get('tcp6', 1)))):
    for kind in (socket.SOCK_STREAM, socket.SOCK_STREAM | socket.SOCK_NONBLOCK):
        try:
            socket.socket(family, kind).connect(addr)
        except OSError as e:
            say(e)
