# SPDX-License-Identifier: Apache-2.0
# attack: an address that is not granted, as IPv4 in IPv6
# class: net
# wins: net
# logged: connect
# options: --connect 127.0.0.1:%{service4} --connect udp:127.0.0.1:%{service_udp}
from kit import *

import socket
tried()
for host in ('::ffff:127.0.0.1', '::ffff:7f00:1', '::127.0.0.1', '64:ff9b::7f00:1', '::ffff:0.0.0.0'):
    for kind, port in ((socket.SOCK_STREAM, F['tcp4']), (socket.SOCK_DGRAM, F['udp4'])):
        try:
            s = socket.socket(socket.AF_INET6, kind)
            s.settimeout(0.2)
            s.connect((host, port))
            s.send(b'x')
        except OSError as e:
            say(host, e)
