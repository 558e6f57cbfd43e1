# SPDX-License-Identifier: Apache-2.0
# attack: characters are typed into the terminal with TIOCSTI
# class: tty
# wins: tty
# stdin: tty
from kit import *

tried()
for fd in (0, os.dup(0)):
    for ch in b'typed-' + NONCE.encode():
        sc('ioctl', fd, 0x5412, ctypes.byref(ctypes.c_char(ch)))
