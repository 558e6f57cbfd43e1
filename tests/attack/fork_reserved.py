# SPDX-License-Identifier: Apache-2.0
# attack: a child closes, copies and marks the descriptors that are the supervisor's, and uses them
# class: processes
# wins: leak effect
# native: n/a: there are none without proctor
# options: --process fork
from kit import *

tried()
first = 64  # beyond what the program itself has open: libffi 3.5 keeps a descriptor of itself
while sc('fcntl', first, 1, 0) < 0 and first < 20000:
    first += 1
pid = os.fork()
if pid == 0:
    for fd in range(first, first + 64):
        for call, *args in (('close', fd), ('dup', fd), ('dup2', fd, 50), ('dup3', fd, 51, 0), ('dup2', 0, fd),
                            ('fcntl', fd, 0, 100), ('fcntl', fd, 1030, 100), ('fcntl', fd, 2, 1), ('ioctl', fd, 0x5451, 0),
                            ('close_range', fd, fd, 0), ('close_range', fd, fd, 4), ('fchdir', fd)):
            if sc(call, *args) >= 0 and call not in ('close_range',):
                effect(call)
        for path in ('../box1/twin.txt', '../../etc/passwd', 'twin.txt', SECRET):
            took(openat(path, 0, fd))
            took(openat2(path, 0, fd))
            sc('execveat', fd, os.fsencode(path), None, None, 0)
    os._exit(0)
os.waitpid(pid, 0)
took(openat(SECRET))
if openat(GOOD) < 0:
    effect('the parent cannot open any more')
