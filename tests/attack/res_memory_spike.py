# SPDX-License-Identifier: Apache-2.0
# attack: a burst of memory, faster than anybody polls, in four threads
# class: resources
# wins: limit
# limits: mem=96 wall=8 tasks=16
# verdict: ML RE SG
from kit import *

tried()
n = 700 << 20
p = page(n, 3, 0x4022)
fill = function('4889f9' 'c60700' '4881c700100000' '48ffce' '75f1' 'c3', ctypes.c_void_p, ctypes.c_long)
ts = [threading.Thread(target=fill, args=(p + i * (n // 4), n // 4 // 4096)) for i in range(4)]
for t in ts:
    t.start()
for t in ts:
    t.join()
hold()
