# SPDX-License-Identifier: Apache-2.0
# attack: an O_PATH descriptor of the link or of its target, opened again
# class: path
# wins: leak
from kit import *

tried()
for p in (SECRET, BOX + '/rel_out', OUT):
    for flags in (os.O_PATH, os.O_PATH | os.O_NOFOLLOW):
        fd = openat(p, flags)
        if fd >= 0:
            take('/proc/self/fd/%d' % fd)
            take('/dev/fd/%d' % fd)
            take('twin.txt', 0, fd)
            say('LINK', os.readlink('', dir_fd=fd) if p.endswith('out') and flags & os.O_NOFOLLOW else '')
