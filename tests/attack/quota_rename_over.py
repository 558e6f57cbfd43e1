# SPDX-License-Identifier: Apache-2.0
# attack: files that take the place of others, which are open still
# class: quota
# wins: stored=131072,12
# needs: write
# policy: write: {path: "%A/work", quota: 128KiB, files: 12}
from kit import *

E, W = os.fsencode, F['work']
tried()
kept = []
for n in range(24):
    fd = openat(W + '/new', os.O_RDWR | os.O_CREAT)
    sc('write', fd, b'x' * 20000, 20000)
    sc('renameat2', AT_FDCWD, E(W + '/new'), AT_FDCWD, E(W + '/file.txt'), 0)
    kept.append(fd)
    # what is exchanged is still there under the other name
    fd = openat(W + '/other', os.O_RDWR | os.O_CREAT)
    sc('write', fd, b'x' * 20000, 20000)
    sc('renameat2', AT_FDCWD, E(W + '/other'), AT_FDCWD, E(W + '/file.txt'), 2)
    sc('unlink', E(W + '/other'))
    kept.append(fd)
hold()
