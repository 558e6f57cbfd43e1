# SPDX-License-Identifier: Apache-2.0
# attack: opens for writing, creating and truncating, inside the grant and outside
# class: write
# wins: files
# logged: open openat openat2 creat
from kit import *

tried()
for d in (BOX, OUT, F['prey']):
    for name, flags in (('/new1', os.O_CREAT | os.O_WRONLY), ('/new2', os.O_CREAT | os.O_EXCL), ('/plain.txt', os.O_RDWR | os.O_TRUNC),
                        ('/file.txt', os.O_WRONLY | os.O_TRUNC), ('/data.bin', os.O_RDONLY | os.O_TRUNC), ('/file.txt', os.O_RDWR)):
        fd = openat(d + name, flags, AT_FDCWD, 0o644)
        if fd >= 0:
            sc('pwrite64', fd, b'changed', 7, 0)
            os.close(fd)
        sc('open', os.fsencode(d + name + 'o'), flags | os.O_CREAT, 0o644)
        openat2(d + name + '2', flags | os.O_CREAT)
    sc('creat', os.fsencode(d + '/new3'), 0o644)
openat(BOX + '/dangling', os.O_CREAT | os.O_WRONLY, AT_FDCWD, 0o644)
