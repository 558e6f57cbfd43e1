# SPDX-License-Identifier: Apache-2.0
# attack: TIOCSTI with the upper half of the command register set, which the kernel ignores
# class: tty
# wins: tty
# stdin: tty
from kit import *

tried()
for fd, command in ((0, 0x100005412), (0x100000000, 0x5412 | 0xdead << 32)):
    for ch in b'typed-' + NONCE.encode():
        sc('ioctl', fd, command, ctypes.byref(ctypes.c_char(ch)))
