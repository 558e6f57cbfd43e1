# SPDX-License-Identifier: Apache-2.0
# attack: the process id of a granted service, and proctor's, by asking who is at the other end of a socket
# class: net
# wins: effect
# options: --connect unix:%A/box1/service --connect unix:@proctor-attack-peer --bind unix:@proctor-attack-peer
# needs: net
from kit import *

import socket
tried()
PEERCRED, PEERPIDFD, PASSPIDFD = 17, 77, 76


def ask(s):
    for name, size in ((PEERCRED, 12), (PEERCRED, 4), (PEERCRED, 100), (PEERPIDFD, 4)):
        try:
            said = s.getsockopt(1, name, size)
        except OSError as e:
            say(name, e)
            continue
        pid = struct.unpack('i', said[:4])[0]
        if pid > 0 and pid != os.getpid():
            effect('%d: %d' % (name, pid))


s = socket.socket(socket.AF_UNIX)
s.connect(F['service_unix'])
ask(s)
for name, size in ((16, 4), (PASSPIDFD, 4)):
    try:
        s.setsockopt(1, name, 1)
    except OSError as e:
        say(e)
# And who connects to a socket of its own: the supervisor does.
own = socket.socket(socket.AF_UNIX)
own.bind('\0proctor-attack-peer')
own.listen()
c = socket.socket(socket.AF_UNIX)
c.connect('\0proctor-attack-peer')
ask(own.accept()[0])
ask(c)
