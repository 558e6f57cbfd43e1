# SPDX-License-Identifier: Apache-2.0
# attack: syscall user dispatch: system calls become signals before the filter sees them
# class: self
# wins: effect
# logged: prctl
from kit import *

tried()
sel = ctypes.c_char(0)
if sc('prctl', 59, 1, 0, (1 << 47) - 4096, ctypes.byref(sel)) == 0:
    effect('user dispatch is on')
    sc('prctl', 59, 0, 0, 0, 0)
