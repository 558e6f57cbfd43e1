# SPDX-License-Identifier: Apache-2.0
# attack: output that nobody counts as written: EFAULT halves, zero lengths, huge lengths
# class: output
# wins: limit
# limits: out=200000 wall=8
# verdict: OL
from kit import *

p = page(8192)
libc.munmap(ctypes.c_void_p(p + 4096), 4096)
ctypes.memset(p, 115, 4096)
tried()
while True:
    sc('write', 1, ctypes.c_void_p(p), 1 << 30)
    sc('writev', 1, struct.pack('<QQQQ', p, 4096, p + 4096, 4096), 2)
    sc('write', 1, ctypes.c_void_p(p), 0)
