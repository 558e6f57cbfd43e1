# SPDX-License-Identifier: Apache-2.0
# attack: chdir and fchdir to places outside, then relative names
# class: path
# wins: leak
from kit import *

tried()
for p in (OUT, BOX + '/../box1', BOX + '/dir_out', '/', os.path.dirname(BOX)):
    sc('chdir', os.fsencode(p))
    take('twin.txt')
    take('box1/twin.txt')
    take(SECRET[1:])
    fd = openat(p, os.O_PATH)
    if fd >= 0:
        sc('fchdir', fd)
        take('twin.txt')
