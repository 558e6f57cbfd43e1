# SPDX-License-Identifier: Apache-2.0
# attack: int $0x80 with numbers that are harmless in the 64-bit table: exit, getpid, write, mmap
# class: arch
# wins: effect
# verdict: PV SG
from kit import *

call = function(INT80, *[ctypes.c_long] * 4, low=True)
tried()
if call(20, 0, 0, 0) == os.getpid():
    effect('getpid through int 0x80')
call(39, 0, 0, 0)
call(3, 0, 0, 0)
