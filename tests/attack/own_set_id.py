# SPDX-License-Identifier: Apache-2.0
# attack: set-id bits, devices, FIFOs, sockets, owners and attributes where it may be written to
# class: own
# wins: files
# needs: write root
from kit import *

W = F['work']
E = os.fsencode
tried()
bits = (0o4755, 0o2755, 0o6777)
for i, mode in enumerate(bits):
    sc('chmod', E(W + '/file.txt'), mode)
    sc('fchmodat', AT_FDCWD, E(W + '/sub'), mode)
    sc('fchmodat2', AT_FDCWD, E(W + '/sub/deeper'), mode, 0)
    fd = openat(W + '/set%d' % i, os.O_CREAT | os.O_RDWR, AT_FDCWD, mode)
    fd2 = openat(W + '/plain%d' % i, os.O_CREAT | os.O_RDWR, AT_FDCWD, 0o755)
    sc('fchmod', fd2, mode)
    sc('creat', E(W + '/creat%d' % i), mode)
    sc('openat2', AT_FDCWD, E(W + '/two%d' % i), struct.pack('<QQQ', os.O_CREAT | os.O_RDWR, mode, 0), 24)
    sc('mkdir', E(W + '/dir%d' % i), mode)
    sc('mknod', E(W + '/reg%d' % i), 0o100000 | mode, 0)
for i, (kind, dev) in enumerate(((0o010000, 0), (0o020000, 0x103), (0o060000, 0x700), (0o140000, 0))):
    sc('mknod', E(W + '/node%d' % i), kind | 0o666, dev)
    sc('mknodat', AT_FDCWD, E(W + '/sub/node%d' % i), kind | 0o666, dev)
fd = openat(W + '/file.txt', os.O_RDWR)
for uid in (1, 65534):
    sc('chown', E(W + '/file.txt'), uid, -1)
    sc('lchown', E(W + '/sub'), uid, uid)
    sc('fchown', fd, uid, -1)
    sc('fchownat', AT_FDCWD, E(W + '/swap'), uid, -1, 0)
sc('setxattr', E(W + '/file.txt'), b'user.x', b'v', 1, 0)
sc('fsetxattr', fd, b'user.y', b'v', 1, 0)
sc('setxattr', E(W + '/file.txt'), b'system.posix_acl_access', struct.pack('<I', 2), 4, 0)
