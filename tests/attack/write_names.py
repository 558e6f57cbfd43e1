# SPDX-License-Identifier: Apache-2.0
# attack: mkdir, rmdir, rename, link, symlink, unlink, mknod and their *at forms
# class: write
# wins: files
# logged: mkdir rmdir rename link symlink unlink mknod mkdirat mknodat renameat renameat2 linkat symlinkat unlinkat
from kit import *

P = os.fsencode(F['prey'])
B = os.fsencode(BOX)
tried()
for d in (P, B):
    sc('mkdir', d + b'/m1', 0o755)
    sc('mkdirat', AT_FDCWD, d + b'/m2', 0o755)
    sc('link', P + b'/file.txt', d + b'/l1')
    sc('linkat', AT_FDCWD, B + b'/plain.txt', AT_FDCWD, d + b'/l2', 0)
    sc('symlink', b'/etc', d + b'/s1')
    sc('symlinkat', b'/etc', AT_FDCWD, d + b'/s2')
    sc('mknod', d + b'/n1', 0o10644, 0)
    sc('mknodat', AT_FDCWD, d + b'/n2', 0o100644, 0)
sc('rmdir', P + b'/empty')
sc('rename', P + b'/file.txt', P + b'/renamed')
sc('renameat', AT_FDCWD, B + b'/data.bin', AT_FDCWD, B + b'/data2.bin')
sc('renameat2', AT_FDCWD, P + b'/other.txt', AT_FDCWD, B + b'/twin.txt', 2)
sc('unlink', B + b'/plain.txt')
sc('unlinkat', AT_FDCWD, P + b'/other.txt', 0)
sc('unlinkat', AT_FDCWD, P + b'/empty', 0x200)
