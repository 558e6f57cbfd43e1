# SPDX-License-Identifier: Apache-2.0
# attack: a part that another rule grants for reading only, in what may be written to
# class: own
# wins: files
# needs: write
# policy: read: ["%A/work/fixed"]
from kit import *

W = F['work']
E = os.fsencode
tried()
for a in ('/fixed', '/fixed/in', '/fixed/in/file.txt'):
    for b in ('/moved', '/sub/moved', '/swap', '/file.txt'):
        sc('rename', E(W + a), E(W + b))
        sc('renameat2', AT_FDCWD, E(W + a), AT_FDCWD, E(W + b), 2)
        sc('renameat2', AT_FDCWD, E(W + b), AT_FDCWD, E(W + a), 2)
        sc('link', E(W + a), E(W + b + 'l'))
    sc('symlink', E(W + a), E(W + '/alias'))
    for p in (a, '/alias', '/sub/../' + a, '/moved', '/sub/moved', '/swap', '/moved/file.txt', '/moved/in/file.txt'):
        for name in ('', '/file.txt', '/in/file.txt', '/new'):
            fd = openat(W + p + name, os.O_WRONLY | os.O_CREAT, AT_FDCWD, 0o644)
            if fd >= 0 and 'fixed' in os.readlink('/proc/self/fd/%d' % fd):
                sc('write', fd, b'changed', 7)
            sc('truncate', E(W + p + '/file.txt'), 0)
            sc('chmod', E(W + p + '/in/file.txt'), 0o600)
    sc('unlink', E(W + '/alias'))
    sc('unlink', E(W + a))
    sc('rmdir', E(W + a))
fd = openat(W + '/fixed/in/file.txt')
sc('linkat', AT_FDCWD, b'/proc/self/fd/%d' % fd, AT_FDCWD, E(W + '/second'), 0x400)
sc('linkat', AT_FDCWD, E(W + '/fixed/in/file.txt'), AT_FDCWD, E(W + '/second2'), 0)
for n in ('/second', '/second2'):
    fd = openat(W + n, os.O_WRONLY)
    if fd >= 0:
        sc('write', fd, b'changed', 7)
