# SPDX-License-Identifier: Apache-2.0
# attack: sendfile, splice and copy_file_range into a granted file, and through /proc/self/mem of a mapping
# class: write
# wins: files
from kit import *

tried()
src = openat(BOX + '/data.bin')
r, w = os.pipe()
os.write(w, b'changed')
for flags in (os.O_RDONLY, os.O_RDWR):
    dst = openat(BOX + '/plain.txt', flags)
    sc('sendfile', dst, src, None, 100)
    sc('copy_file_range', src, None, dst, None, 100, 0)
    sc('splice', r, None, dst, None, 7, 0)
    p = libc.mmap(None, 4096, 1, 1, dst, 0)
    m = openat('/proc/self/mem', os.O_RDWR)
    if m >= 0 and p not in (None, 2 ** 64 - 1):
        sc('pwrite64', m, b'changed', 7, p)
