# SPDX-License-Identifier: Apache-2.0
# attack: out of a granted directory through its name in /proc/self/fd and /dev/fd
# class: proc
# wins: leak
from kit import *

tried()
for flags in (os.O_RDONLY, os.O_PATH):
    d = openat(BOX, flags | os.O_DIRECTORY)
    for p in ('/proc/self/fd/%d', '/dev/fd/%d', '/proc/thread-self/fd/%d', '/proc/self/fd/00%d', '/proc/self/fd/%d/.'):
        take(p % d + '/../box1/twin.txt')
        take(p % d + '/rel_out')
        sc('chdir', os.fsencode(p % d + '/..'))
        take('box1/twin.txt')
