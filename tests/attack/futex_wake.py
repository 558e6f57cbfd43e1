# SPDX-License-Identifier: Apache-2.0
# attack: somebody outside who waits on a page of a granted file is woken, or moved elsewhere
# class: futex
# wins: victim
# needs: futex
from kit import *

fd = openat(BOX + '/data.bin')
at = page(4096, 1, 0x02, None, fd)
word = ctypes.c_uint32.from_address(at).value
own = page()
tried()
for _ in range(200):
    for high in (0, 0x5500000000):
        sc('futex', at, 1 | high, 1000, None, None, 0)                        # FUTEX_WAKE
        sc('futex', at, 10 | high, 1000, None, None, 0xffffffff)              # FUTEX_WAKE_BITSET
        sc('futex', at, 3 | high, 1000, ctypes.c_long(1000), own, 0)          # FUTEX_REQUEUE
        sc('futex', at, 4 | high, 1000, ctypes.c_long(1000), own, word)       # FUTEX_CMP_REQUEUE
        sc('futex', at, 5 | high, 1000, ctypes.c_long(1000), own, 0)          # FUTEX_WAKE_OP
        sc('futex', at, 12 | high, 1, ctypes.c_long(1000), own, word)         # FUTEX_CMP_REQUEUE_PI
    sc('futex_wake', at, 0xffffffff, 1000, 2)
    sc('futex_requeue', struct.pack('<QQIIQQII', word, at, 2, 0, word, own, 2, 0), 0, 1000, 1000)
    time.sleep(0.002)
