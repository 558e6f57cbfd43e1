# SPDX-License-Identifier: Apache-2.0
# attack: what fstat, fstatfs, fdinfo, poll, epoll, getdents and ioctl tell of the supervisor's descriptors
# class: reserved
# wins: leak
from kit import *

fds = reserved()
st = stat_buf()
tried()
b = ctypes.create_string_buffer(32768)
for fd in fds:
    if fd < 3:
        continue
    for call, args in (('fstat', (fd, st)), ('fstatfs', (fd, st)), ('lseek', (fd, 0, 0)), ('flock', (fd, 2)), ('fcntl', (fd, 3)), ('fsync', (fd,)),
                       ('poll', (struct.pack('<ihh', fd, 1, 0), 1, 0)), ('readahead', (fd, 0, 1)), ('syncfs', (fd,)), ('cachestat', (fd, b, b, 0)),
                       ('fgetxattr', (fd, b'user.mark', b, 64)), ('ioctl', (fd, 0x80086601, b))):
        sc(call, *args)
    for again in (fd, openat('..', os.O_DIRECTORY, fd), openat('../box1', os.O_DIRECTORY, fd)):
        if again >= 0:
            n = sc('getdents64', again, b, 32768)
            os.write(1, b.raw[:max(n, 0)])
    spill(fd)
