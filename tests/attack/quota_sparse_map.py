# SPDX-License-Identifier: Apache-2.0
# attack: files that grow without a write, and are filled through a mapping afterwards
# class: quota
# wins: stored=131072,12
# needs: write
# policy: write: {path: "%A/work", quota: 128KiB, files: 12}
from kit import *

SIZE, W = 1 << 18, F['work']
tried()


def fill(fd, at):
    """Only what the file has: beyond there is a signal. Also what it had when it was mapped."""
    for i in range(0, os.fstat(fd).st_size if at else 0, 4096):
        ctypes.memset(at + i, 1, 1)


def mapped(fd):
    at = sc('mmap', 0, SIZE, 3, 1, fd, 0)
    return at if at > 0 or at < -4095 else 0


ways = (lambda fd: sc('ftruncate', fd, SIZE),
        lambda fd: sc('pwrite64', fd, b'x', 1, SIZE - 1),
        lambda fd: (sc('lseek', fd, SIZE - 1, 0), sc('write', fd, b'x', 1)),
        lambda fd: sc('fallocate', fd, 0, 0, SIZE),
        lambda fd: sc('truncate', b'/proc/self/fd/%d' % fd, SIZE),
        lambda fd: sc('truncate', os.fsencode(W + '/0'), SIZE))
for n, way in enumerate(ways):
    fd = openat(W + '/%d' % n, os.O_RDWR | os.O_CREAT)
    early = mapped(fd)  # of an empty file
    way(fd)
    for size in range(4096, SIZE + 1, 4096 * 3):
        sc('ftruncate', fd, size)
    fill(fd, early)
    fill(fd, mapped(fd))
    if n < len(ways) - 1:
        sc('ftruncate', fd, 4096)  # gives the rest up, for the next; and takes it again
        way(fd)
        fill(fd, early)
hold()
