# SPDX-License-Identifier: Apache-2.0
# attack: negative, huge and unknown numbers
# class: arch
# wins: effect
# native: n/a: the kernel has no such calls
from kit import *

tried()
for nr in (-1, -2, -100, -4095, -2 ** 31, 2 ** 31, 2 ** 31 - 1, 0xffffffff, 2 ** 32, 600, 1000, 4096, 0x3fffffff, -2 ** 63, 335, 423, 546, 999):
    r = sc(nr, AT_FDCWD, os.fsencode(SECRET), 0, 0)
    if r >= 0 and nr != 2 ** 32:
        effect('number %d answered %d' % (nr, r))
    take(SECRET)
