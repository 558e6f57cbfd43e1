# SPDX-License-Identifier: Apache-2.0
# attack: the name behind /proc/self/fd/N, with N swapped between stdin and a granted file
# class: race
# wins: leak
# stdin: file
# needs: race
# native: n/a: there is no harm in it natively
from kit import *

b = ctypes.create_string_buffer(4096)
g = openat(GOOD)
os.dup2(g, 50)
tried()


def swap():
    sc('dup2', g, 50)
    sc('dup2', 0, 50)


end = loop_thread(swap)


def one(i):
    n = sc('readlink', b'/proc/self/fd/50', b, 4095)
    return n > 0 and b'stdin.json' in b.raw[:n]


won = []
rounds(lambda i: one(i) and (won.append(1) or True))
end()
if won:
    effect('the name of the file behind stdin was told')
