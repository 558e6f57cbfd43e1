# SPDX-License-Identifier: Apache-2.0
# attack: chdir while somebody outside exchanges the directory with a link that leads out
# class: race
# wins: leak
# needs: race exchange
from kit import *

tried()
p = os.fsencode(BOX + '/race/real')


def one(i):
    sc('chdir', p)
    return took(sc('openat', AT_FDCWD, b'twin.txt', 0, 0))


rounds(one)
