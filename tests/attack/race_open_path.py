# SPDX-License-Identifier: Apache-2.0
# attack: another thread flips one byte of the path while openat is being checked
# class: race
# wins: leak
# needs: race
from kit import *

buf, at, bits = twin_path()
tried()
f = Flipper(at, bits)
rounds(lambda i: took(sc('openat', AT_FDCWD, buf, 0, 0)))
f.end()
