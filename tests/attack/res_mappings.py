# SPDX-License-Identifier: Apache-2.0
# attack: as many separate mappings as the kernel gives, each of which costs it memory
# class: resources
# wins: effect
# native: n/a: it is bounded by the kernel's own limit; what counts is that the supervisor copes
# limits: mem=128 wall=15
from kit import *

tried()
n = 0
for n in range(70000):
    if libc.mmap(None, 4096, 1 + 2 * (n & 1), 0x22, -1, 0) in (None, 2 ** 64 - 1):
        break
say('MAPPED', n)
for i in range(20):
    openat(SECRET)
    took(openat(GOOD))
