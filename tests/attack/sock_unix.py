# SPDX-License-Identifier: Apache-2.0
# attack: connections to unix sockets: outside, granted, abstract
# class: socket
# wins: net
# logged: socket
# logged where net: connect
from kit import *

import socket
tried()
for addr in (F['unix'], F['unix_granted'], F['abstract']):
    for s in (lambda: socket.socket(socket.AF_UNIX), lambda: socket.socketpair()[0]):
        try:
            s().connect(addr)
        except OSError as e:
            say(e)
