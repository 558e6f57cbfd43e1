# SPDX-License-Identifier: Apache-2.0
# attack: the plain absolute path, by each of the four opens
# class: path
# wins: leak
# logged: open openat openat2
from kit import *

tried()
for flags in (0, os.O_NOFOLLOW, os.O_NONBLOCK, os.O_PATH, 0o100000):
    spill(sc('open', os.fsencode(SECRET), flags, 0))
    take(SECRET, flags)
    spill(openat2(SECRET, flags & 0x1fffff))
