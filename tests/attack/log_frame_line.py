# SPDX-License-Identifier: Apache-2.0
# attack: frames whose file is a granted FIFO, a device or a directory that a reader would open for the line
# class: log
# wins: log
# native: n/a: there is no log without proctor
from kit import *

tried()
for name in (BOX + '/fifo', '/dev/zero', '/dev/tty', BOX, '/proc/self/mem', '/dev/stdin', SECRET):
    exec(compile('\n' * 3 + 'g()', name, 'exec'), {'g': lambda: openat(OUT + '/none')})
