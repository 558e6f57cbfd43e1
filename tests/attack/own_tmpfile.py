# SPDX-License-Identifier: Apache-2.0
# attack: O_TMPFILE where it may be written to, linked to a name elsewhere
# class: own
# wins: files
# needs: write
from kit import *

E = os.fsencode
tried()
fd = openat(F['work'], 0o20200000 | os.O_RDWR, AT_FDCWD, 0o644)
for d in (F['prey'], BOX, OUT, F['work'] + '/link'):
    sc('linkat', AT_FDCWD, b'/proc/self/fd/%d' % fd, AT_FDCWD, E(d + '/linked'), 0x400)
    sc('linkat', fd, b'', AT_FDCWD, E(d + '/linked2'), AT_EMPTY_PATH)
    openat(d, 0o20200000 | os.O_RDWR, AT_FDCWD, 0o644)
