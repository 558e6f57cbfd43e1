# SPDX-License-Identifier: Apache-2.0
# attack: the descriptor of the scratch's memory: written, truncated, mapped writable, unsealed
# class: reserved
# wins: scratch
from kit import *

fds = reserved()
at = scratch()
tried()
hold()
for fd in fds + ([fds[-1] + 1] if NATIVE else []):
    if fd < 3:
        continue
    sc('pwrite64', fd, scrawl(), len(scrawl()), 4096)
    sc('fcntl', fd, 1033, 0)
    p = libc.mmap(None, 4096, 3, 1, fd, 0)
    if p not in (None, 2 ** 64 - 1):
        ctypes.memmove(p, scrawl(), len(scrawl()))
    w = openat('/proc/self/fd/%d' % fd, os.O_RDWR)
    sc('pwrite64', w, scrawl(), len(scrawl()), 4096)
hold()
for fd in fds:
    if fd > 2:
        sc('fallocate', fd, 3, 0, 4096)
        sc('ftruncate', fd, 0)
took(openat(GOOD))
took(openat(SECRET))
hold()
