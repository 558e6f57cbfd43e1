# SPDX-License-Identifier: Apache-2.0
# attack: the empty path, with and without AT_EMPTY_PATH, on descriptors and on the current directory
# class: path
# wins: leak
from kit import *

tried()
fd = openat(SECRET, os.O_PATH)
st = stat_buf()
take('', 0, fd)
spill(sc('openat', fd, None, AT_EMPTY_PATH, 0))
spill(openat2('', AT_EMPTY_PATH, fd))
take('/proc/self/fd/%d' % fd)
sized = openat(OUT + '/sized.bin', os.O_PATH)
for d in (sized, AT_FDCWD, -1, 2 ** 31 - 1):
    if sc('newfstatat', d, b'', st, AT_EMPTY_PATH) == 0:
        say('SIZE=%d' % struct.unpack_from('<q', st, 48)[0])
    if sc('newfstatat', d, None, st, AT_EMPTY_PATH) == 0:
        say('SIZE=%d' % struct.unpack_from('<q', st, 48)[0])
