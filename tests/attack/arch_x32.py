# SPDX-License-Identifier: Apache-2.0
# attack: system call numbers with the x32 bit
# class: arch
# wins: unlogged
# native: n/a: this kernel may have no x32
# verdict: PV SG
from kit import *

tried()
spill(sc(0x40000000 | 257, AT_FDCWD, os.fsencode(SECRET), 0, 0))
spill(sc(0x40000002, os.fsencode(SECRET), 0, 0))
say('ALIVE')
