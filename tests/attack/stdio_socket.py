# SPDX-License-Identifier: Apache-2.0
# attack: stdout is a socket shared with others: shut down, timeouts and filters set, its owner changed
# class: stdio
# wins: stdio
# stdout: socket
from kit import *

tried()
for fd in (os.dup(1), 1):
    sc('fcntl', fd, 8, os.getpid())
    sc('ioctl', fd, 0x8902, ctypes.byref(ctypes.c_int(os.getpid())))
    sc('setsockopt', fd, 1, 21, struct.pack('<qq', 0, 1), 16)
    sc('setsockopt', fd, 1, 7, struct.pack('<i', 1), 4)
    sc('ioctl', fd, 0x5421, ctypes.byref(ctypes.c_int(1)))
    for how in (0, 1, 2):
        sc('shutdown', fd, how)
    sc('shutdown', fd | 1 << 32, 2)
