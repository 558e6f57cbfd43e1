# SPDX-License-Identifier: Apache-2.0
# attack: F_SETFL on a number that is swapped between an own pipe and the shared stdout
# class: race
# wins: stdio
# needs: race
from kit import *

r, w = os.pipe()
os.dup2(w, 50)
tried()


def swap():
    sc('dup2', w, 50)
    sc('dup2', 1, 50)


end = loop_thread(swap)


def one(i):
    sc('fcntl', 50, 4, os.O_NONBLOCK)
    sc('ioctl', 50, 0x5421, ctypes.byref(ctypes.c_int(1)))
    return sc('fcntl', 1, 3) & os.O_NONBLOCK


rounds(one)
end()
