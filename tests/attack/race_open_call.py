# SPDX-License-Identifier: Apache-2.0
# attack: the same through the open system call, with two flipping threads
# class: race
# wins: leak
# needs: race
from kit import *

buf, at, bits = twin_path()
tried()
f, g = Flipper(at, bits, 0x3f), Flipper(at, bits, 0x7ff)
rounds(lambda i: took(sc('open', buf, 0, 0)))
f.end()
g.end()
