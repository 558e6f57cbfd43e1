# SPDX-License-Identifier: Apache-2.0
# attack: each open flag and many at once on the secret and on the links to it
# class: path
# wins: leak
from kit import *

tried()
for p in (SECRET, BOX + '/rel_out', BOX + '/sub/up/box1/twin.txt'):
    for bit in range(32):
        if 1 << bit in (os.O_CREAT, os.O_TRUNC, os.O_APPEND, 1, 2) or bit == 22:
            continue
        for base in (0, os.O_NOFOLLOW, os.O_CLOEXEC | os.O_NONBLOCK):
            take(p, base | 1 << bit)
