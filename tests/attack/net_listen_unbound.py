# SPDX-License-Identifier: Apache-2.0
# attack: a port to listen at without bind: by listen alone, and by what a connection leaves behind
# class: net
# wins: effect
# logged: listen
# options: --connect 127.0.0.1:%{service4} --connect udp:127.0.0.1:%{service_udp}
# needs: net
from kit import *

import socket
tried()
s = socket.socket()
if sc('listen', s.fileno(), 5) == 0:
    effect('it listens at a port that nobody granted')
t = socket.socket()
t.connect(('127.0.0.1', F['service4']))
sc('connect', t.fileno(), bytes(16), 16)
if sc('listen', t.fileno(), 5) == 0:
    effect('it listens where it was connected from')
