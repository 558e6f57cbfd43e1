# SPDX-License-Identifier: Apache-2.0
# attack: space that is allocated beyond the length of a file, and copied into one
# class: quota
# wins: stored=131072,12
# needs: write
# policy: write: {path: "%A/work", quota: 128KiB, files: 12}
from kit import *

SIZE, W = 1 << 19, F['work']
tried()
src = openat(W + '/source', os.O_RDWR | os.O_CREAT)
sc('write', src, b'x' * 32768, 32768)
fds = [openat(W + '/f%d' % n, os.O_RDWR | os.O_CREAT) for n in range(6)]
r, w = os.pipe2(os.O_NONBLOCK)
keep = ctypes.create_string_buffer(32768)
for fd in fds:
    for _ in range(6):
        sc('copy_file_range', src, struct.pack('q', 0), fd, 0, 32768, 0)
        sc('lseek', src, 0, 0)
        sc('sendfile', fd, src, 0, 32768)
        sc('write', w, keep, 32768)
        sc('splice', r, 0, fd, 0, 32768, 0)
        sc('pwritev2', fd, struct.pack('QQ', address(keep), 32768), 1, -1, 0, 0x10)
    sc('ioctl', fd, 0x40049409, src)  # FICLONE
while sc('write', fds[0], keep, 4096) > 0 and os.fstat(fds[0]).st_size < SIZE:
    pass  # now nothing is left
for mode in (1, 0, 0x10, 0x11, 0x20, 0x40, 0x41):  # KEEP_SIZE 1, ZERO_RANGE 0x10, INSERT_RANGE 0x20, UNSHARE_RANGE 0x40
    for fd in fds:
        sc('fallocate', fd, mode, 0, SIZE)
        sc('fallocate', fd, mode, 4096, SIZE)
hold()
