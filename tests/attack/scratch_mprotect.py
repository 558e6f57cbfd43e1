# SPDX-License-Identifier: Apache-2.0
# attack: the scratch is made writable by mprotect or pkey_mprotect, whole or in part
# class: scratch
# wins: scratch
from kit import *

at = scratch()
tried()
hold()
for addr, n in ((at, 4096), (at, SCRATCH_SIZE), (at + 4096, 4096), (at - 4096, 8192), (at + SCRATCH_SIZE - 4096, 8192), (0x10000, 1 << 30)):
    r = sc('mprotect', addr, n, 3)
    sc('pkey_mprotect', addr, n, 3, -1)
    sc('mprotect', addr, n, 3 | 0x01000000)
    if r == 0:
        ctypes.memmove(at, scrawl(), len(scrawl()))
hold()
