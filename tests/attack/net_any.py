# SPDX-License-Identifier: Apache-2.0
# attack: the addresses of no machine, which reach this one
# class: net
# wins: net
# logged: connect
# options: --connect 127.0.0.1:%{service4} --connect udp:127.0.0.1:%{service_udp} --bind udp:127.0.0.1:0
from kit import *

import socket
tried()
for family, host, four in ((socket.AF_INET, '0.0.0.0', '4'), (socket.AF_INET6, '::', '6'), (socket.AF_INET6, '::ffff:0.0.0.0', '4'),
                           (socket.AF_INET, '127.1.2.3', '4'), (socket.AF_INET, '127.255.255.255', '4')):
    for kind, name in ((socket.SOCK_STREAM, 'tcp'), (socket.SOCK_DGRAM, 'udp')):
        try:
            s = socket.socket(family, kind)
            if name == 'udp' and family == socket.AF_INET:
                s.bind(('127.0.0.1', 0))
            s.connect((host, F.get(name + four, 1)))
            s.send(b'x')
        except OSError as e:
            say(host, e)
