# SPDX-License-Identifier: Apache-2.0
# attack: out of the current directory through /proc/self/cwd/..
# class: proc
# wins: leak
from kit import *

os.chdir(BOX)
tried()
for p in ('/proc/self/cwd', '/proc/thread-self/cwd', '/proc/%d/cwd' % os.getpid()):
    take(p + '/../box1/twin.txt')
    take(p + '/rel_out')
    take(p + '/sub/../../box1/twin.txt')
