# SPDX-License-Identifier: Apache-2.0
# attack: shared anonymous memory and private copies of files, which some counts leave out
# class: resources
# wins: limit
# limits: mem=96 wall=8
# verdict: ML RE SG
from kit import *

tried()
n = 500 << 20
fill = function('4889f9' 'c60701' '4881c700100000' '48ffce' '75f1' 'c3', ctypes.c_void_p, ctypes.c_long)
for flags in (0x4021, 0x4022):
    p = libc.mmap(None, n, 3, flags, -1, 0)
    if p not in (None, 2 ** 64 - 1):
        fill(p, n // 4096)
hold()
