# SPDX-License-Identifier: Apache-2.0
# attack: descriptors sent to a granted service, by stream and datagram
# class: net
# wins: net
# logged: sendmsg
# options: --connect unix:%A/box1/service --connect unix:%A/box1/service_dgram
from kit import *

import socket
rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack('i', 0))]
creds = [(socket.SOL_SOCKET, 2, struct.pack('iii', os.getpid(), os.getuid(), os.getgid()))]
tried()
for control in (rights, creds, rights + creds):
    for kind, name in ((socket.SOCK_STREAM, 'service_unix'), (socket.SOCK_DGRAM, 'service_dgram')):
        try:
            s = socket.socket(socket.AF_UNIX, kind)
            s.connect(F[name])
            s.sendmsg([b'x'], control)
        except OSError as e:
            say(e)
