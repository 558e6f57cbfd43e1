# SPDX-License-Identifier: Apache-2.0
# attack: the text of a link outside by each call that tells it
# class: path
# wins: leak
from kit import *

tried()
b = ctypes.create_string_buffer(256)
for p in (OUT + '/link', BOX + '/dir_out/link', BOX + '/../box1/link'):
    for n in (sc('readlink', os.fsencode(p), b, 255), sc('readlinkat', AT_FDCWD, os.fsencode(p), b, 255)):
        if n > 0:
            say(b.raw[:n].decode())
fd = openat(OUT + '/link', os.O_PATH | os.O_NOFOLLOW)
n = sc('readlinkat', fd, b'', b, 255)
if n > 0:
    say(b.raw[:n].decode())
