# SPDX-License-Identifier: Apache-2.0
# attack: results of emulated calls are asked for at every kind of bad address
# class: emulate
# wins: effect
# native: n/a: the kernel writes the results itself
from kit import *

tried()
hole = page(3 * 4096)
libc.munmap(ctypes.c_void_p(hole + 4096), 4096)
ro = page(4096, 1)
none = page(4096, 0)
fd = openat(BOX + '/plain.txt')
private = page(4096, 1, 2, None, fd)
shared = page(4096, 1, 1, None, fd)
was = ctypes.string_at(private, 4096)
p, l = os.fsencode(GOOD), os.fsencode(BOX + '/link')
bad = [0, 1, 8, 0xfff, hole + 4096, hole + 4095, hole + 4096 - 4, none, ro, ro + 4092, private, shared, 0x7fffffffffff, 0x7ffffffff000 - 8,
       0x800000000000, 0xffff800000000000, 0xffffffffff600000, 2 ** 64 - 1, 2 ** 64 - 144, 2 ** 63, 0xffffffff81000000]
for a in bad:
    a = ctypes.c_void_p(a)
    for r in (sc('stat', p, a), sc('lstat', p, a), sc('newfstatat', AT_FDCWD, p, a, 0), sc('statx', AT_FDCWD, p, 0, 0xfff, a), sc('statfs', p, a),
              sc('readlink', l, a, 64), sc('readlinkat', AT_FDCWD, l, a, 64), sc('getcwd', a, 4096), sc(204, 0, 128, a)):
        if r >= 0:
            effect('a result was written where it cannot be: %#x' % a.value)
    sc('openat', AT_FDCWD, a, 0, 0)
    sc('openat2', AT_FDCWD, p, a, 24)
    sc('openat2', AT_FDCWD, a, a, 24)
if ctypes.string_at(ro, 4096) != bytes(4096) or ctypes.string_at(private, 4096) != was:
    effect('a read-only page was written')
