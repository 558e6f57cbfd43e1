# SPDX-License-Identifier: Apache-2.0
# attack: a read-only descriptor of a granted file is opened again for writing through /proc and /dev
# class: write
# wins: files
from kit import *

tried()
for flags in (os.O_RDONLY, os.O_PATH):
    fd = openat(BOX + '/plain.txt', flags)
    for p in ('/proc/self/fd/%d', '/dev/fd/%d', '/proc/thread-self/fd/%d', '/proc/%d/fd/%%d' % os.getpid()):
        for how in (os.O_RDWR, os.O_WRONLY, os.O_RDONLY | os.O_TRUNC, os.O_RDWR | os.O_TRUNC):
            w = openat(p % fd, how)
            if w >= 0:
                sc('pwrite64', w, b'changed', 7, 0)
