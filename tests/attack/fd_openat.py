# SPDX-License-Identifier: Apache-2.0
# attack: the supervisor's directory descriptors used as dirfd, then ..
# class: reserved
# wins: leak
from kit import *

fds = reserved()
tried()
for fd in fds:
    for p in ('../box1/twin.txt', '../../box1/twin.txt', 'rel_out', SECRET[1:], 'box1/twin.txt', 'abs_out', '../' * 20 + SECRET[1:]):
        took(openat(p, 0, fd))
        took(openat2(p, 0, fd))
        took(openat(p, os.O_PATH, fd))
