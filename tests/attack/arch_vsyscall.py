# SPDX-License-Identifier: Apache-2.0
# attack: the calls at the vsyscall page, which the kernel emulates
# class: arch
# wins: effect
# native: n/a: they tell the time and nothing else
from kit import *

tried()
m = openat('/proc/self/maps')
data = b''
while m >= 0:
    part = os.read(m, 65536)
    if not part:
        break
    data += part
if b'vsyscall' in data:
    for entry in (0xffffffffff600000, 0xffffffffff600400, 0xffffffffff600800):
        ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_long, ctypes.c_long)(entry)(0, 0)
take(SECRET)
