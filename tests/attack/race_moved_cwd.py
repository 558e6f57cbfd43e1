# SPDX-License-Identifier: Apache-2.0
# attack: the current directory is moved out of the grant by somebody outside; .. leads to the secret
# class: race
# wins: leak
# needs: race move
from kit import *

tried()


def one(i):
    sc('chdir', os.fsencode(BOX + '/race/mover'))
    for _ in range(2):
        if took(sc('openat', AT_FDCWD, b'../twin.txt', 0, 0)):
            return True


rounds(one)
