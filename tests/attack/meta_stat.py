# SPDX-License-Identifier: Apache-2.0
# attack: the size of a file outside by each call that tells it
# class: path
# wins: leak
from kit import *

tried()
st = stat_buf()
p = os.fsencode(OUT + '/sized.bin')


def tell(r, off=48):
    if r == 0:
        say('SIZE=%d' % struct.unpack_from('<q', st, off)[0])


tell(sc('stat', p, st))
tell(sc('lstat', p, st))
tell(sc('newfstatat', AT_FDCWD, p, st, 0))
tell(sc('newfstatat', AT_FDCWD, p, st, 0x100))
tell(sc('statx', AT_FDCWD, p, 0, 0xfff, st), 40)
tell(sc('statx', AT_FDCWD, p, 0x6000, 0xfff, st), 40)
fd = openat(OUT + '/sized.bin', os.O_PATH)
if fd >= 0:
    tell(sc('fstat', fd, st))
