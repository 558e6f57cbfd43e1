# SPDX-License-Identifier: Apache-2.0
# attack: listing directories outside: the names in them are the prize
# class: path
# wins: leak
from kit import *

tried()
for p in (OUT, BOX + '/..', BOX + '/dir_out', BOX + '/../box1'):
    fd = openat(p, os.O_RDONLY | os.O_DIRECTORY)
    if fd >= 0:
        b = ctypes.create_string_buffer(32768)
        n = sc('getdents64', fd, b, 32768)
        os.write(1, b.raw[:max(n, 0)])
        n = sc('getdents', fd, b, 32768)
        os.write(1, b.raw[:max(n, 0)])
