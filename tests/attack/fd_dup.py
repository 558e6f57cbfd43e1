# SPDX-License-Identifier: Apache-2.0
# attack: the supervisor's descriptors are given another number by dup, fcntl and dup2
# class: reserved
# wins: leak
from kit import *

fds = reserved()
tried()
for fd in fds:
    for new in (sc('dup', fd), sc('fcntl', fd, 0, 3), sc('fcntl', fd, 1030, 3), sc('dup2', fd, 77), sc('dup3', fd, 78, 0),
                sc('dup2', fd | 1 << 32, 79), sc('fcntl', fd | 1 << 32, 0, 3), sc('fcntl', fd, 0 | 1 << 32, 3)):
        if new >= 0 and new != fd:
            for p in ('../box1/twin.txt', SECRET[1:]):
                took(openat(p, 0, new))
                took(openat2(p, 0, new))
