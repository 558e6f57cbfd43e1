# SPDX-License-Identifier: Apache-2.0
# attack: the supervisor's directory descriptors in the other *at calls
# class: reserved
# wins: leak
from kit import *

fds = reserved()
st = stat_buf()
b = ctypes.create_string_buffer(256)
tried()
for fd in fds:
    for up in (b'../box1', b'../../box1', os.fsencode(OUT)[1:]):
        for call, args, off in (('newfstatat', (fd, up + b'/sized.bin', st, 0), 48), ('statx', (fd, up + b'/sized.bin', 0, 0xfff, st), 40)):
            if sc(call, *args) == 0:
                say('SIZE=%d' % struct.unpack_from('<q', st, off)[0])
        n = sc('readlinkat', fd, up + b'/link', b, 255)
        if n > 0:
            say(b.raw[:n].decode())
    sc('unlinkat', fd, b'twin.txt', 0)
    sc('mkdirat', fd, b'made', 0o755)
