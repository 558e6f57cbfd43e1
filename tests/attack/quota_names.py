# SPDX-License-Identifier: Apache-2.0
# attack: more files, directories and links than there may be, all of them empty
# class: quota
# wins: stored=131072,12
# needs: write
# policy: write: {path: "%A/work", quota: 128KiB, files: 12}
from kit import *

E, W = os.fsencode, F['work']
tried()
for n in range(8):
    name = E(W + '/sub/%d' % n)
    openat(name + b'f', os.O_WRONLY | os.O_CREAT)
    openat2(name + b'g', os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    sc('creat', name + b'c', 0o600)
    sc('mkdir', name + b'd', 0o700)
    sc('mkdirat', AT_FDCWD, name + b'd/in', 0o700)
    sc('mknod', name + b'n', 0o100600, 0)
    sc('mknodat', AT_FDCWD, name + b'm', 0o100600, 0)
    sc('symlink', b'x', name + b's')
    sc('link', E(W + '/file.txt'), name + b'l')
    sc('renameat2', AT_FDCWD, name + b'f', AT_FDCWD, name + b'moved', 4)  # leaves a white-out behind
hold()
