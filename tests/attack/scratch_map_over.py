# SPDX-License-Identifier: Apache-2.0
# attack: other memory is mapped over the scratch: MAP_FIXED, mremap, shmat, brk, remap_file_pages
# class: scratch
# wins: scratch
from kit import *

at = scratch()
tried()
hold()
src = page(4096)
ctypes.memmove(src, scrawl(), len(scrawl()))
for addr in (at, at + 4096, at + SCRATCH_SIZE - 4096):
    sc('mremap', page(4096), 4096, 4096, 3, addr)
    sc('mmap', addr, 4096, 3, 0x32, -1, 0)
    sc('mmap', addr - 4096, 8192, 3, 0x32, -1, 0)
    sc('mmap', addr, 4096, 3, 0x31, -1, 0)
    sc('remap_file_pages', addr, 4096, 0, 1, 0)
    sc('shmat', 0, addr, 0o40000)
sc('brk', at)
sc('mmap', 0x10000, 0x300000, 3, 0x32, -1, 0)
sc('arch_prctl', 0x2003, at)
hold()
if sc('mmap', at, 4096, 3, 0x32, -1, 0) == at:
    ctypes.memmove(at, scrawl(), len(scrawl()))
hold()
