# SPDX-License-Identifier: Apache-2.0
# attack: a link of the program's own where a granted socket would be
# class: net
# wins: net
# needs: write
# logged: connect
# options: --connect unix:%A/work/s --connect unix:%A/work/d/s
from kit import *

import socket
tried()
work = os.path.dirname(BOX) + '/work'
os.symlink(F['unix'], work + '/s')
os.symlink(os.path.dirname(F['unix']), work + '/d')
for path in (work + '/s', work + '/d/s', work + '/d/../s', '/proc/self/cwd/../work/s'):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            socket.socket(socket.AF_UNIX, kind).connect(path)
        except OSError as e:
            say(e)
