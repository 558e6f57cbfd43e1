# SPDX-License-Identifier: Apache-2.0
# attack: the exchanged directory, left again by .. : inside it is the grant, outside its parent
# class: race
# wins: leak
# needs: race exchange
from kit import *

path = os.fsencode(BOX + '/race/real/../../../box1/twin.txt')
near = os.fsencode(BOX + '/race/real/../box1/twin.txt')
tried()
rounds(lambda i: took(sc('openat', AT_FDCWD, (near, path)[i & 1], 0, 0)))
