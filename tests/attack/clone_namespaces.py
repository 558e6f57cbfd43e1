# SPDX-License-Identifier: Apache-2.0
# attack: clone into new namespaces of each kind
# class: clone
# wins: procs leak
# logged: clone
from kit import *

tried()
path, buf = ctypes.create_string_buffer(os.fsencode(SECRET)), stat_buf()
thief = function(THIEF, *[ctypes.c_long] * 4)
for flag in (0x10000000, 0x00020000, 0x40000000, 0x20000000, 0x04000000, 0x08000000, 0x02000000, 0x80):
    thief(flag | 17, page(65536) + 65000, address(path), address(buf))
    thief(flag | 0x10f00, page(65536) + 65000, address(path), address(buf))
    time.sleep(0.02)
