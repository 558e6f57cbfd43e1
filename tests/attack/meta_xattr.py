# SPDX-License-Identifier: Apache-2.0
# attack: an extended attribute of a file outside, and the list of names
# class: path
# wins: leak
from kit import *

tried()
b = ctypes.create_string_buffer(256)
for p in (OUT + '/marked.txt', BOX + '/dir_out/marked.txt'):
    for call in ('getxattr', 'lgetxattr'):
        n = sc(call, os.fsencode(p), b'user.mark', b, 255)
        if n > 0:
            say(b.raw[:n].decode())
fd = openat(OUT + '/marked.txt')
if fd >= 0:
    n = sc('fgetxattr', fd, b'user.mark', b, 255)
    say(b.raw[:max(n, 0)].decode())
