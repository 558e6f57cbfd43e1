# SPDX-License-Identifier: Apache-2.0
# attack: fchmod, fchown, futimens, fsetxattr and inode flags through a read-only descriptor
# class: write
# wins: files
# logged: fchmod fchown fsetxattr
from kit import *

tried()
times = struct.pack('<qqqq', 1, 0, 2, 0)
for p, flags in ((BOX + '/plain.txt', 0), (BOX, os.O_DIRECTORY), (BOX + '/data.bin', os.O_PATH)):
    fd = openat(p, flags)
    sc('fchmod', fd, 0o711)
    sc('fchown', fd, 1, 1)
    sc('utimensat', fd, None, times, 0)
    sc('fsetxattr', fd, b'user.a', b'1', 1, 0)
    sc('fchownat', fd, b'', 2, 2, AT_EMPTY_PATH)
    sc('fchmodat2', fd, b'', 0o700, AT_EMPTY_PATH)
    sc('utimensat', fd, b'', times, AT_EMPTY_PATH)
    sc('ioctl', fd, 0x40086602, ctypes.byref(ctypes.c_long(0x80)))
    sc('ftruncate', fd, 1)
    sc('fallocate', fd, 3, 0, 4096)
