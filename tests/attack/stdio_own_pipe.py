# SPDX-License-Identifier: Apache-2.0
# attack: an own pipe is made O_NONBLOCK under the number of stdout; then stdout itself through the way back
# class: stdio
# wins: stdio
from kit import *

tried()
keep = os.dup(1)
r, w = os.pipe()
os.dup2(w, 1)
sc('fcntl', 1, 4, os.O_NONBLOCK)
os.dup2(keep, 1)
os.dup2(keep, 40)
sc('fcntl', 40, 4, os.O_NONBLOCK)
sc('fcntl', keep, 4, os.O_NONBLOCK)
sc('ioctl', keep, 0x5421, ctypes.byref(ctypes.c_int(1)))
