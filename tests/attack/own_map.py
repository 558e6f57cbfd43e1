# SPDX-License-Identifier: Apache-2.0
# attack: shared maps of what may only be read are made writable
# class: own
# wins: files
# needs: write
from kit import *

tried()
for path in (BOX + '/plain.txt', BOX + '/twin.txt', F['prey'] + '/file.txt'):
    for flags in (os.O_RDONLY, os.O_RDWR):
        fd = openat(path, flags)
        if fd < 0:
            continue
        for prot, kind in ((3, 1), (1, 1), (3, 3), (1, 3), (2, 1)):
            p = sc('mmap', 0, 4096, prot, kind, fd, 0)
            if p < 0:
                continue
            if sc('mprotect', p, 4096, 3) == 0:
                ctypes.memmove(p, b'changed', 7)
                sc('msync', p, 4096, 4)
        p = sc('mmap', 0, 4096, 1, 1, fd, 0)
        if p > 0:
            sc('mremap', p, 4096, 8192, 1, 0)
            sc('remap_file_pages', p, 4096, 0, 0, 0)
            sc('pkey_mprotect', p, 4096, 3, -1)
