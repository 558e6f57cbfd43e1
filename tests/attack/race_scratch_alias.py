# SPDX-License-Identifier: Apache-2.0
# attack: two threads open paths that lie in each other's scratch slots
# class: race
# wins: leak
# native: n/a: there is no scratch without proctor
# needs: race
from kit import *

buf, at, bits = twin_path()
tried()
f = Flipper(at, bits)
end = loop_thread(lambda: took(sc('openat', AT_FDCWD, buf, 0, 0)))


def one(i):
    return took(sc('openat', AT_FDCWD, ctypes.c_void_p(0x100000 + i * 64 % 0x100000), 0, 0))


rounds(one)
end()
f.end()
