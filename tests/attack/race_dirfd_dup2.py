# SPDX-License-Identifier: Apache-2.0
# attack: another thread swaps the directory that the dirfd number stands for
# class: race
# wins: leak
# needs: race
from kit import *

deep, high = openat(BOX + '/a/b', os.O_DIRECTORY), openat(BOX + '/a', os.O_DIRECTORY)
os.dup2(deep, 50)
tried()


def swap():
    sc('dup2', deep, 50)
    sc('dup2', high, 50)


end = loop_thread(swap)
rounds(lambda i: took(sc('openat', 50, b'../../box1/twin.txt', 0, 0)))
end()
