# SPDX-License-Identifier: Apache-2.0
# attack: abstract names that begin as the granted one, and the other way round
# class: net
# wins: net
# logged: connect
# options: --connect unix:@proctor-attack- --connect unix:@proctor-attack-x
from kit import *

import socket
tried()
name = os.fsencode(F['abstract'])
for text in (name, name + b'\0', b'\0proctor-attack-\0' + name[16:], b'\0proctor-attack-'):
    try:
        socket.socket(socket.AF_UNIX).connect(text)
    except OSError as e:
        say(e)
