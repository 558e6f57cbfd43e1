# SPDX-License-Identifier: Apache-2.0
# attack: another thread flips open_how.flags between reading and writing with truncation
# class: race
# wins: files
# needs: race
from kit import *

how = ctypes.create_string_buffer(struct.pack('<QQQ', 0, 0, 0), 32)
path = os.fsencode(BOX + '/plain.txt')
tried()
f = Flipper(address(how) + 1, os.O_TRUNC >> 8)
g = Flipper(address(how), os.O_RDWR, 0x7f)


def one(i):
    fd = sc('openat2', AT_FDCWD, path, how, 24)
    if fd >= 0:
        done = os.fstat(fd).st_size == 0
        os.close(fd)
        return done


rounds(one)
f.end()
g.end()
