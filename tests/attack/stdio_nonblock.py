# SPDX-License-Identifier: Apache-2.0
# attack: F_SETFL and FIONBIO on the stdout that is shared with others
# class: stdio
# wins: stdio
from kit import *

tried()
for fd in (1, os.dup(1), sc('fcntl', 1, 0, 60), sc('fcntl', 2, 1030, 70)):
    if fd >= 0:
        sc('fcntl', fd, 4, os.O_NONBLOCK | os.O_APPEND)
        sc('ioctl', fd, 0x5421, ctypes.byref(ctypes.c_int(1)))
