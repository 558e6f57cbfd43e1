# SPDX-License-Identifier: Apache-2.0
# attack: the victim is traced
# class: peek
# wins: victim
# needs: victim
# logged: ptrace
from kit import *

tried()
v = F['vpid']
if sc('ptrace', 0x4206, v, None, None) == 0:
    sc('ptrace', 0x4207, v, None, None)
    sc('wait4', v, None, 0x40000000, None)
    sc('ptrace', 4, v, ctypes.c_void_p(F['vplain']), ctypes.c_long(0))
sc('ptrace', 16, v, None, None)
sc('ptrace', 0, 0, 0, 0)
