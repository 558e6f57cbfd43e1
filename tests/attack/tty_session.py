# SPDX-License-Identifier: Apache-2.0
# attack: exclusive mode, giving up the terminal, its foreground group, console keys
# class: tty
# wins: unlogged
# native: n/a: some of these work only on consoles, and none shows on the other end of a pty
# stdin: tty
# logged: ioctl
from kit import *

tried()
for command in (0x540c, 0x5422, 0x540e, 0x541c, 0x5410, 0x5437, 0x4b4e, 0x5606, 0x541d):
    sc('ioctl', 0, command, ctypes.byref(ctypes.c_int(os.getpid())))
