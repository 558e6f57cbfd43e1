# SPDX-License-Identifier: Apache-2.0
# attack: symlinks in the granted directory that lead through /proc/self
# class: path
# wins: leak
from kit import *

os.chdir(BOX)
d = openat(BOX, os.O_RDONLY)
tried()
take(BOX + '/proc_root')
take(BOX + '/proc_cwd/../box1/twin.txt')
take(BOX + '/proc_fd/%d/../box1/twin.txt' % d)
take(BOX + '/thread_root' + SECRET)
