# SPDX-License-Identifier: Apache-2.0
# attack: a descriptor is replaced by one of stdout while what it is open on is being changed
# class: own
# wins: files
# needs: write race
# stdout: file
from kit import *

W = F['work']
tried()
mine = openat(W + '/file.txt', os.O_RDWR)
fd = sc('dup', mine)


def swap():
    sc('dup2', 1, fd)
    sc('dup2', mine, fd)


end = loop_thread(swap)


def one(i):
    k = i % 5
    if k == 0:
        sc('ftruncate', fd, 0)
    elif k == 1:
        sc('pwrite64', fd, b'CHANGED', 7, 0)
    elif k == 2:
        sc('fallocate', fd, 3, 0, 4096)
    elif k == 3:
        sc('fchmod', fd, 0o600)
    else:
        p = sc('mmap', 0, 4096, 3, 1, fd, 0)
        if p > 0:
            sc('munmap', p, 4096)


rounds(one)
end()
