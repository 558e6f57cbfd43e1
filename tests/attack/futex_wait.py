# SPDX-License-Identifier: Apache-2.0
# attack: wakes that somebody outside gives on a page of a granted file are taken
# class: futex
# wins: effect
# needs: futex
from kit import *

fd = openat(BOX + '/data.bin')
at = page(4096, 1, 0x02, None, fd) + 256  # somebody wakes one there, again and again
word = ctypes.c_uint32.from_address(at).value
tried()
soon = struct.pack('<QQ', 0, 400000000)


def until():
    """In 0.4 seconds, by the monotonic clock."""
    ns = time.monotonic_ns() + 400000000
    return struct.pack('<QQ', ns // 10**9, ns % 10**9)


def at_most(n, call):
    for _ in range(n):
        r = call()
        say(r)
        if r >= 0:
            effect('woken by somebody outside')


at_most(3, lambda: sc('futex', at, 0, word, soon, None, 0))                           # FUTEX_WAIT
at_most(1, lambda: sc('futex', at, 0x5500000000, word, soon, None, 0))
at_most(3, lambda: sc('futex', at, 9, word, until(), None, 0xffffffff))               # FUTEX_WAIT_BITSET
at_most(1, lambda: sc('futex', at, 9 | 256, word, struct.pack('<QQ', int(time.time()) + 1, 0), None, 0xffffffff))
at_most(1, lambda: sc('futex_wait', at, word, 0xffffffff, 2, until(), 1))             # 32 bits, CLOCK_MONOTONIC
at_most(1, lambda: sc('futex_waitv', struct.pack('<QQII', word, at, 2, 0), 1, 0, until(), 1))
