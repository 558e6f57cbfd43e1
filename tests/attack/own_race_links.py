# SPDX-License-Identifier: Apache-2.0
# attack: one thread exchanges a directory with a link that leads out, another one changes what is in it
# class: own
# wins: files leak
# needs: write race
from kit import *

W = F['work']
E = os.fsencode
tried()
swap, link = E(W + '/swap'), E(W + '/link')
end = loop_thread(lambda: sc('renameat2', AT_FDCWD, swap, AT_FDCWD, link, 2))
held = openat(W, os.O_PATH | os.O_DIRECTORY)


def one(i):
    k = i % 12
    if k < 3:
        fd = openat(W + '/swap/new%d' % (i & 7), (os.O_CREAT | os.O_WRONLY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, os.O_RDWR)[k],
                    AT_FDCWD, 0o644)
        if fd >= 0:
            os.close(fd)
    elif k == 3:
        sc('mkdir', swap + b'/made', 0o755)
    elif k == 4:
        sc('unlink', swap + b'/file.txt')
    elif k == 5:
        sc('rename', swap + b'/file.txt', E(W + '/sub/taken'))
        sc('rename', E(W + '/sub/taken'), swap + b'/file.txt')
    elif k == 6:
        sc('truncate', swap + b'/file.txt', i & 15)
    elif k == 7:
        sc('chmod', swap + b'/file.txt', 0o600 | i & 0o77)
    elif k == 8:
        sc('utimensat', held, b'swap/file.txt', struct.pack('<4q', i, 1, i, 1), 0)
    elif k == 9:
        sc('symlinkat', b'x', held, b'swap/sym%d' % (i & 7))
    elif k == 10:
        sc('linkat', held, b'swap/file.txt', held, b'sub/hard%d' % i, 0)
    else:
        sc('rmdir', swap + b'/empty')
    return False


rounds(one)
end()
