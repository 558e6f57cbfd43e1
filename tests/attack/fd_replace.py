# SPDX-License-Identifier: Apache-2.0
# attack: the supervisor's descriptors are closed and other directories put under their numbers
# class: reserved
# wins: leak
from kit import *

fds = reserved()
deep, high = openat(BOX + '/a/b', os.O_DIRECTORY), openat(BOX + '/a', os.O_DIRECTORY)
tried()
for fd in fds:
    for n in (fd, fd | 1 << 32, fd | 0xdead << 32):
        sc('close', n)
        sc('dup2', high, n)
        sc('dup3', high, n, 0)
    sc('fcntl', high, 0, fd)
for lo, hi in ((3, -1), (min(fds), max(fds)), (min(fds), 0xffffffff), (min(fds), min(fds)), (256, 1 << 31)):
    sc('close_range', lo if lo > 3 else 512, hi, 0)
    sc('close_range', lo if lo > 3 else 512, hi, 4)
    sc('close_range', lo if lo > 3 else 512, hi, 2)
took(openat('../../box1/twin.txt', 0, high))
for fd in fds:
    sc('dup2', high, fd)
    took(openat('../../box1/twin.txt', 0, fd))
took(openat(GOOD))
took(openat(BOX + '/../box1/twin.txt'))
