# SPDX-License-Identifier: Apache-2.0
# attack: /proc/self/mem for writing: it passes over page protection, so code can be patched unseen
# class: proc
# wins: effect
from kit import *

tried()
ro = page(4096, 1)
for p in ('/proc/self/mem', '/proc/thread-self/mem', '/proc/%d/mem' % os.getpid()):
    fd = openat(p, os.O_RDWR)
    if fd >= 0 and sc('pwrite64', fd, b'patched', 7, ro) == 7 and ctypes.string_at(ro, 7) == b'patched':
        effect('a read-only page was written')
