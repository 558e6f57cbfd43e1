# SPDX-License-Identifier: Apache-2.0
# attack: emulated calls are told to put their results into the scratch
# class: scratch
# wins: scratch effect
# native: n/a: the kernel writes results itself and honours the protection
from kit import *

at = scratch()
tried()
hold()
base = ctypes.string_at(at + 0x80000, 4096)
p = os.fsencode(BOX + '/link')
for where in (at, at + 0x80000, at + SCRATCH_SIZE - 1, at + SCRATCH_SIZE - 16):
    w = ctypes.c_void_p(where)
    for r in (sc('stat', p, w), sc('newfstatat', AT_FDCWD, p, w, 0), sc('statx', AT_FDCWD, p, 0, 0xfff, w), sc('readlink', p, w, 4096),
              sc('readlinkat', AT_FDCWD, p, w, 64), sc('statfs', p, w), sc('getcwd', w, 4096), sc('fstat', 0, w),
              sc('sched_getaffinity' if 'sched_getaffinity' in NR else 204, 0, 128, w), sc('uname', w)):
        if r >= 0:
            effect('a result went into the scratch')
fd = openat(BOX + '/data.bin')
for call, args in (('read', (fd, at, 64)), ('pread64', (fd, at + 0x80000, 64, 0)), ('getrandom', (at, 64, 0)), ('read', (fd, at + SCRATCH_SIZE - 8, 64))):
    if sc(call, *args) > 0:
        effect('%s wrote into the scratch' % call)
hold()
