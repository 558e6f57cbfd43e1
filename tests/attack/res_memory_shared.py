# SPDX-License-Identifier: Apache-2.0
# attack: shared anonymous memory and private copies of files, which some counts leave out
# class: resources
# wins: limit
# limits: mem=96 wall=8
# verdict: ML RE SG
from kit import *

tried()
n = 500 << 20
for flags in (0x4021, 0x4022):
    p = libc.mmap(None, n, 3, flags, -1, 0)
    if p not in (None, 2 ** 64 - 1):
        for i in range(0, n, 4096):
            ctypes.memset(p + i, 1, 1)
hold()
