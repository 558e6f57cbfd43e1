# SPDX-License-Identifier: Apache-2.0
# attack: restart_syscall called out of turn, after opens, sleeps and stats
# class: restart
# wins: leak
# native: n/a: there is nothing left to restart
from kit import *

tried()
for i in range(200):
    took(openat(GOOD))
    took(sc('restart_syscall'))
    took(openat(SECRET))
    took(sc('restart_syscall'))
    sc('nanosleep', struct.pack('<qq', 0, 1000), None)
    took(sc('restart_syscall', AT_FDCWD, os.fsencode(SECRET), 0, 0))
