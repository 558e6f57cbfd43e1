# SPDX-License-Identifier: Apache-2.0
# attack: another thread flips the path of statx
# class: race
# wins: leak
# needs: race
from kit import *

buf, at, bits = twin_path(b'/sized.bin')
st = stat_buf()
tried()
f = Flipper(at, bits)


def one(i):
    if sc('statx', AT_FDCWD, buf, 0, 0xfff, st) == 0:
        size = struct.unpack_from('<Q', st, 40)[0]
        if size != 10:
            say('SIZE=%d' % size)
            return True


rounds(one)
f.end()
