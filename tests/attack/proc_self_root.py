# SPDX-License-Identifier: Apache-2.0
# attack: the secret through /proc/self/root and its other names
# class: proc
# wins: leak
from kit import *

tried()
tid = sc('prctl', 0, 0, 0, 0, 0) or threading.get_native_id()
for p in ('/proc/self/root', '/proc/thread-self/root', '/proc/self/task/%d/root' % tid, '/proc/%d/root' % os.getpid(),
          '/proc/self/../self/root', '/proc//self/./root', '/proc/%d/task/%d/root' % (os.getpid(), tid), '/dev/fd/../root'):
    take(p + SECRET)
    d = openat(p, os.O_PATH)
    if d >= 0:
        take(SECRET[1:], 0, d)
