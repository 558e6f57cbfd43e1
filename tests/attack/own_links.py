# SPDX-License-Identifier: Apache-2.0
# attack: links that the program makes itself lead out, and everything goes through them
# class: own
# wins: files leak
# needs: write
from kit import *

W = F['work']
E = os.fsencode
tried()
n = 0
for target in (F['prey'], OUT, '../prey', '../../prey', 'sub/../../prey', '/proc/self/root' + OUT, '/proc/self/cwd/../box1',
               '/proc/self/fd/0/../../prey'):
    for d in (W, W + '/sub'):
        n += 1
        link = '%s/l%d' % (d, n)
        sc('symlink', E(target), E(link))
        sc('symlink', E('l%d' % n), E('%s/m%d' % (d, n)))
        sc('symlink', E(target + '/file.txt'), E(link + 'f'))
        sc('symlink', E(target + '/created%d' % n), E(link + 'c'))
        sc('symlink', E(target + '/twin.txt'), E(link + 't'))
        take(link + 't')
        take('%s/m%d/twin.txt' % (d, n))
        for path in (link + '/file.txt', link + 'f', link + 'c', '%s/m%d/new' % (d, n), link + '/../prey/new'):
            for flags in (os.O_WRONLY | os.O_CREAT | os.O_TRUNC, os.O_RDWR, os.O_WRONLY | os.O_CREAT | os.O_EXCL):
                fd = openat(path, flags, AT_FDCWD, 0o644)
                if fd >= 0:
                    sc('write', fd, b'changed', 7)
                    os.close(fd)
            sc('truncate', E(path), 1)
            sc('chmod', E(path), 0o600)
            sc('utime', E(path), None)
        sc('mkdir', E(link + '/made'), 0o755)
        sc('mkdir', E(link + '/'), 0o755)
        sc('rmdir', E(link + '/empty'))
        sc('rmdir', E(link + '/empty/'))
        sc('unlink', E(link + '/other.txt'))
        sc('rename', E(W + '/file.txt'), E(link + '/moved'))
        sc('rename', E(link + '/'), E(W + '/taken%d' % n))
        sc('linkat', AT_FDCWD, E(link + 'f'), AT_FDCWD, E(W + '/hard%d' % n), 0x400)
        fd = openat(W + '/hard%d' % n, os.O_WRONLY)
        if fd >= 0:
            sc('write', fd, b'changed', 7)
