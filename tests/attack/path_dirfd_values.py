# SPDX-License-Identifier: Apache-2.0
# attack: strange dirfds: AT_FDCWD in other widths, descriptors of files, closed ones
# class: path
# wins: leak
from kit import *

os.chdir(BOX)
tried()
for d in (-100, 0xffffff9c, -100 & 0xffffffffffffffff, 0x1ffffff9c, 0xdeadbeef00000000 | 0xffffff9c, 1 << 32, -1, 0):
    spill(sc('openat', d, b'../box1/twin.txt', 0, 0))
    spill(sc('openat', d, os.fsencode(SECRET), 0, 0))
