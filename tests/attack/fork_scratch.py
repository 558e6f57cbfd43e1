# SPDX-License-Identifier: Apache-2.0
# attack: a child unmaps, moves, covers and writes the scratch, which its parent has too
# class: processes
# wins: scratch leak
# options: --process fork
from kit import *

at = scratch()
pid = os.fork()
if pid == 0:
    tried()
    for args in (('mprotect', at, SCRATCH_SIZE, 3), ('munmap', at, SCRATCH_SIZE), ('mremap', at, SCRATCH_SIZE, SCRATCH_SIZE, 3, 0x50000000),
                 ('mmap', at, SCRATCH_SIZE, 3, 0x32, -1, 0), ('madvise', at, SCRATCH_SIZE, 10), ('madvise', at, SCRATCH_SIZE, 18),
                 ('madvise', at, SCRATCH_SIZE, 9)):
        sc(*args)
        took(openat(SECRET))
        took(openat(GOOD))
    hold()
    os._exit(0)
os.waitpid(pid, 0)
took(openat(GOOD))
