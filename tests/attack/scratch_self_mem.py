# SPDX-License-Identifier: Apache-2.0
# attack: the sealed scratch is written through /proc/self/mem
# class: scratch
# wins: scratch
# native: n/a: the kernel refuses it for a shared mapping without write permission even then
from kit import *

at = scratch()
tried()
hold()
for p in ('/proc/self/mem', '/proc/thread-self/mem', '/proc/%d/mem' % os.getpid(), '/proc/self/task/%d/mem' % threading.get_native_id()):
    fd = openat(p, os.O_RDWR)
    if fd >= 0:
        sc('pwrite64', fd, scrawl(), len(scrawl()), at + 8192)
        sc('pwrite64', fd, scrawl(), len(scrawl()), at)
hold()
