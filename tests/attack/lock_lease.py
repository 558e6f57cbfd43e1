# SPDX-License-Identifier: Apache-2.0
# attack: a lease on a granted file delays whoever opens it for writing
# class: lock
# wins: lock
from kit import *

tried()
fd = openat(BOX + '/twin.txt')
sc('fcntl', fd, 1024, 0)
sc('fcntl', fd, 1026, 0x80000000 | 7)
hold()
hold()
