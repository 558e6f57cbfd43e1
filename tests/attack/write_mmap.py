# SPDX-License-Identifier: Apache-2.0
# attack: a granted file mapped shared and made writable
# class: write
# wins: files
from kit import *

tried()
for flags in (os.O_RDONLY, os.O_RDWR):
    fd = openat(BOX + '/plain.txt', flags)
    for prot in (1, 3):
        p = libc.mmap(None, 4096, prot, 1, fd, 0)
        if p in (None, 2 ** 64 - 1):
            continue
        if sc('mprotect', p, 4096, 3) == 0 or prot == 3:
            ctypes.memmove(p, b'changed', 7)
            sc('msync', p, 4096, 4)
