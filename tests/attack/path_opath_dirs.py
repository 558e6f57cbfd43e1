# SPDX-License-Identifier: Apache-2.0
# attack: O_PATH descriptors of directories that are on the way to a grant, used as dirfd
# class: path
# wins: leak
from kit import *

tried()
for p in ('/', os.path.dirname(BOX), BOX + '/..', '..', BOX + '/sub/up', BOX + '/rootlink'):
    d = openat(p, os.O_PATH | os.O_DIRECTORY)
    if d >= 0:
        take('box1/twin.txt', 0, d)
        take(SECRET[1:], 0, d)
        take('twin.txt', 0, openat('box1', os.O_PATH, d))
