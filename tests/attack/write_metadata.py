# SPDX-License-Identifier: Apache-2.0
# attack: chmod, chown, times and attributes by path
# class: write
# wins: files
# logged: chmod chown lchown utime utimes fchmodat fchownat utimensat setxattr lsetxattr removexattr truncate
from kit import *

tried()
times = struct.pack('<qqqq', 1, 0, 2, 0)
for p in (os.fsencode(BOX + '/plain.txt'), os.fsencode(F['prey'] + '/file.txt')):
    sc('chmod', p, 0o600)
    sc('fchmodat', AT_FDCWD, p, 0o604)
    sc('fchmodat2', AT_FDCWD, p, 0o640, 0)
    sc('chown', p, 1, 1)
    sc('lchown', p, 2, 2)
    sc('fchownat', AT_FDCWD, p, 3, 3, 0)
    sc('utime', p, struct.pack('<qq', 1, 2))
    sc('utimes', p, times)
    sc('futimesat', AT_FDCWD, p, times)
    sc('utimensat', AT_FDCWD, p, times, 0)
    sc('setxattr', p, b'user.a', b'1', 1, 0)
    sc('lsetxattr', p, b'user.b', b'1', 1, 0)
    sc('removexattr', p, b'user.mark')
    sc('truncate', p, 3)
