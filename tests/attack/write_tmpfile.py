# SPDX-License-Identifier: Apache-2.0
# attack: O_TMPFILE in a granted directory, then linked to a name
# class: write
# wins: files
from kit import *

tried()
for d in (BOX, F['prey']):
    fd = openat(d, os.O_TMPFILE | os.O_RDWR, AT_FDCWD, 0o600)
    if fd >= 0:
        sc('linkat', fd, b'', AT_FDCWD, os.fsencode(d + '/linked'), AT_EMPTY_PATH)
        sc('linkat', AT_FDCWD, b'/proc/self/fd/%d' % fd, AT_FDCWD, os.fsencode(d + '/linked2'), 0x400)
