# SPDX-License-Identifier: Apache-2.0
# attack: a share of a port that another service has
# class: net
# wins: effect
# native: n/a: the other service would have to share it
# options: --bind 127.0.0.1:%{service4} --bind udp:127.0.0.1:%{service_udp}
# logged: setsockopt
# needs: net
from kit import *

import socket
tried()
for kind, name in ((socket.SOCK_STREAM, 'service4'), (socket.SOCK_DGRAM, 'service_udp')):
    s = socket.socket(socket.AF_INET, kind)
    for option in (socket.SO_REUSEPORT, socket.SO_REUSEADDR):
        try:
            s.setsockopt(socket.SOL_SOCKET, option, 1)
            if option == socket.SO_REUSEPORT or kind == socket.SOCK_DGRAM:
                effect('option %d' % option)
        except OSError as e:
            say(e)
    try:
        s.bind(('127.0.0.1', F[name]))
        effect('bound beside ' + name)
    except OSError as e:
        say(e)
