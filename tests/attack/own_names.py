# SPDX-License-Identifier: Apache-2.0
# attack: every call on names, from what may be written to outwards and back
# class: own
# wins: files leak
# needs: write
from kit import *

W = F['work']
E = os.fsencode
tried()
targets = [F['prey'], OUT, BOX, W + '/out', W + '/link', W + '/../prey', W + '/sub/../../prey', '/proc/self/cwd',
           '/proc/self/root' + F['prey'], '/proc/thread-self/root' + OUT]
for d in targets:
    sc('rename', E(W + '/file.txt'), E(d + '/moved'))
    sc('rename', E(d + '/file.txt'), E(W + '/taken'))
    sc('rename', E(d + '/twin.txt'), E(W + '/taken2'))
    sc('renameat2', AT_FDCWD, E(W + '/file.txt'), AT_FDCWD, E(d + '/file.txt'), 2)
    sc('renameat2', AT_FDCWD, E(W + '/swap'), AT_FDCWD, E(d + '/sub'), 2)
    sc('link', E(d + '/file.txt'), E(W + '/second'))
    sc('link', E(d + '/twin.txt'), E(W + '/second2'))
    sc('linkat', AT_FDCWD, E(d + '/plain.txt'), AT_FDCWD, E(W + '/second3'), 0x400)
    sc('link', E(W + '/file.txt'), E(d + '/given'))
    sc('symlink', b'x', E(d + '/made'))
    sc('mkdir', E(d + '/made'), 0o755)
    sc('rmdir', E(d + '/empty'))
    sc('unlink', E(d + '/other.txt'))
    sc('unlink', E(d + '/plain.txt'))
    sc('truncate', E(d + '/file.txt'), 0)
    sc('truncate', E(d + '/plain.txt'), 0)
    sc('chmod', E(d + '/file.txt'), 0)
    sc('chmod', E(d), 0o711)
    sc('utimensat', AT_FDCWD, E(d + '/file.txt'), struct.pack('<4q', 1, 1, 1, 1), 0)
    sc('utimensat', AT_FDCWD, E(d), struct.pack('<4q', 1, 1, 1, 1), 0)
    for name in ('/file.txt', '/second', '/second2', '/second3', '/made2'):
        fd = openat(d + name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, AT_FDCWD, 0o644)
        if fd >= 0:
            sc('write', fd, b'changed', 7)
            os.close(fd)
for name in ('second', 'second2', 'second3', 'taken', 'taken2'):
    fd = openat(W + '/' + name, os.O_RDWR)
    spill(fd)
    if fd >= 0:
        sc('pwrite64', fd, b'changed', 7, 0)
