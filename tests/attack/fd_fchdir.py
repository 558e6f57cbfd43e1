# SPDX-License-Identifier: Apache-2.0
# attack: fchdir to the supervisor's directory descriptors, then relative names
# class: reserved
# wins: leak
from kit import *

fds = reserved()
tried()
for fd in fds:
    sc('fchdir', fd)
    for p in ('../box1/twin.txt', 'box1/twin.txt', SECRET[1:], '../' * 20 + SECRET[1:]):
        took(openat(p))
