# SPDX-License-Identifier: Apache-2.0
# attack: private writable copies of a granted file, dirtied, beside locked and prefaulted memory
# class: resources
# wins: limit
# limits: mem=96 wall=8
# verdict: ML RE SG
from kit import *

fd = openat(BOX + '/data.bin')
tried()
for i in range(20):
    n = 32 << 20
    p = libc.mmap(None, n, 3, 0x22, -1, 0)
    if p not in (None, 2 ** 64 - 1):
        sc('madvise', p, n, 23)
        sc('mlock2', p, n, 1)
    for k in range(200):
        q = libc.mmap(None, 16384, 3, 0x8002, fd, 0)
        if q not in (None, 2 ** 64 - 1):
            ctypes.memset(q, 1, 16384)
hold()
