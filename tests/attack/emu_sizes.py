# SPDX-License-Identifier: Apache-2.0
# attack: negative, huge, tiny and wrapping sizes for readlink, getcwd and getaffinity
# class: emulate
# wins: effect
# native: n/a: the kernel writes the results itself
from kit import *

tried()
b = ctypes.create_string_buffer(8192)
l = os.fsencode(BOX + '/link')
for size in (0, -1, -2 ** 31, 2 ** 31, 2 ** 32, 2 ** 32 + 4, 2 ** 63, -2 ** 63, 1, 2, 3, 7, 4096, 2 ** 40, 2 ** 31 - 1):
    for call, args in (('readlink', (l, b, size)), ('readlinkat', (AT_FDCWD, l, b, size)), ('getcwd', (b, size)), (204, (0, size, b)),
                       ('readlink', (b'/proc/self/exe', b, size)), ('readlink', (b'/proc/self/cwd', b, size))):
        ctypes.memset(b, 0x55, 8192)
        r = sc(call, *args)
        room = size & 0xffffffff if call != 'getcwd' else size & (1 << 64) - 1
        if r > 0 and room < 8192 and b.raw[room:] != b'\x55' * (8192 - room):
            effect('%s with size %d wrote past its buffer' % (call, size))
