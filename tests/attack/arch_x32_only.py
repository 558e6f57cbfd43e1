# SPDX-License-Identifier: Apache-2.0
# attack: the numbers 512 to 547, which are x32's own
# class: arch
# wins: leak
# native: n/a: this kernel may have no x32
from kit import *

tried()
for nr in list(range(512, 548)) + [nr | 0x40000000 for nr in range(512, 548)]:
    sc(nr, AT_FDCWD, os.fsencode(SECRET), 0, 0)
say('ALIVE')
