# SPDX-License-Identifier: Apache-2.0
# attack: the files in /proc of a child and of a parent
# class: processes
# wins: effect
# options: --process fork
from kit import *

tried()
pid = os.fork()
if pid == 0:
    pid = os.getppid()
for base in ('/proc/%d/' % pid, '/proc/self/../%d/' % pid, '/proc/%d/task/%d/' % (pid, pid), '/proc/self/task/%d/' % pid):
    for name in ('mem', 'maps', 'environ', 'cmdline', 'stat', 'status', 'exe', 'fd/0', 'fdinfo/0', 'cwd/twin.txt',
                 'root/etc/passwd', 'ns/pid', 'pagemap', 'comm'):
        for flags in (0, 0x200000):
            fd = openat(base + name, flags)
            if fd >= 0:
                effect(base + name)
                os.close(fd)
    for name in ('cwd', 'root', 'fd', 'task'):
        fd = openat(base + name, 0x10000)
        if fd >= 0:
            effect(base + name)
    buf = ctypes.create_string_buffer(256)
    if sc('readlinkat', AT_FDCWD, os.fsencode(base + 'exe'), buf, 255) > 0:
        effect('a link was read')
