# SPDX-License-Identifier: Apache-2.0
# attack: flock and record locks on a granted file keep others from it
# class: lock
# wins: lock
from kit import *

tried()
for flags in (os.O_RDONLY, os.O_RDWR):
    fd = openat(BOX + '/twin.txt', flags)
    sc('flock', fd, 2 | 4)
    for kind in (0, 1):
        lock = struct.pack('<hhqqi4x', kind, 0, 0, 0, 0)
        sc('fcntl', fd, 6, lock)
        sc('fcntl', fd, 37, lock)
hold()
hold()
