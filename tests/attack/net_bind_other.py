# SPDX-License-Identifier: Apache-2.0
# attack: addresses beside the granted one to bind to
# class: net
# wins: effect
# logged: bind
# options: --bind 127.0.0.1:0 --bind udp:127.0.0.1:0
# needs: net
from kit import *

import socket
tried()
for family, host in ((socket.AF_INET, '0.0.0.0'), (socket.AF_INET, '127.0.0.2'), (socket.AF_INET6, '::'), (socket.AF_INET6, '::1'),
                     (socket.AF_INET6, '::ffff:0.0.0.0')):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            socket.socket(family, kind).bind((host, 0))
            effect('bound to ' + host)
        except OSError as e:
            say(host, e)
for port in (F['service4'] + 1, 40999):
    try:
        socket.socket().bind(('127.0.0.1', port))
        effect('bound to port %d' % port)
    except OSError as e:
        say(e)
