# SPDX-License-Identifier: Apache-2.0
# attack: openat2 with structs of every size, unknown flags and unknown resolve bits
# class: path
# wins: leak
from kit import *

tried()
for size, tail in ((24, b''), (32, bytes(8)), (4096, bytes(4096)), (4097, bytes(4097)), (23, b''), (0, b''),
                   (2 ** 63, b''), (2 ** 32 + 24, b''), (32, b'\1' + bytes(7))):
    spill(openat2(SECRET, 0, AT_FDCWD, 0, size, tail))
    spill(openat2(SECRET, 1 << 40, AT_FDCWD, 0, size, tail))
    spill(openat2(SECRET, 0, AT_FDCWD, 1 << 33, size, tail))
p = page(8192)
libc.munmap(ctypes.c_void_p(p + 4096), 4096)
for off in (24, 16, 1):
    ctypes.memset(p + 4096 - off, 0, off)
    spill(sc('openat2', AT_FDCWD, os.fsencode(SECRET), ctypes.c_void_p(p + 4096 - off), 24))
