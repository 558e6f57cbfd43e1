# SPDX-License-Identifier: Apache-2.0
# attack: what is open for reading, or only held, is opened again for writing, or changed by its name in /proc
# class: own
# wins: files
# needs: write
from kit import *

E = os.fsencode
tried()
for path in (BOX + '/plain.txt', F['prey'] + '/file.txt', BOX + '/sub'):
    for flags in (os.O_RDONLY, os.O_PATH, os.O_RDONLY | os.O_NONBLOCK):
        fd = openat(path, flags)
        if fd < 0:
            continue
        for name in ('/proc/self/fd/%d' % fd, '/dev/fd/%d' % fd, '/proc/thread-self/fd/%d' % fd):
            for how in (os.O_RDWR, os.O_WRONLY | os.O_TRUNC, os.O_WRONLY | os.O_APPEND, os.O_RDWR | os.O_CREAT):
                again = openat(name, how, AT_FDCWD, 0o600)
                if again >= 0:
                    sc('write', again, b'changed', 7)
                    sc('ftruncate', again, 1)
            sc('truncate', E(name), 0)
            sc('chmod', E(name), 0o600)
            sc('utime', E(name), None)
            sc('linkat', AT_FDCWD, E(name), AT_FDCWD, E(F['work'] + '/held'), 0x400)
            openat(name + '/new', os.O_CREAT | os.O_WRONLY, AT_FDCWD, 0o600)
            sc('mkdir', E(name + '/made'), 0o700)
        sc('linkat', fd, b'', AT_FDCWD, E(F['work'] + '/held2'), AT_EMPTY_PATH)
        sc('fchmod', fd, 0o600)
        sc('fchmodat2', fd, b'', 0o600, AT_EMPTY_PATH)
        sc('utimensat', fd, None, None, 0)
        sc('utimensat', fd, b'', None, AT_EMPTY_PATH)
        sc('ftruncate', fd, 0)
        sc('fallocate', fd, 0, 0, 100000)
        sc('pwrite64', fd, b'changed', 7, 0)
        sc('openat', fd, b'new', os.O_CREAT | os.O_WRONLY, 0o600)
for name in ('/held', '/held2'):
    fd = openat(F['work'] + name, os.O_WRONLY)
    if fd >= 0:
        sc('write', fd, b'changed', 7)
