# SPDX-License-Identifier: Apache-2.0
# attack: stdout is a regular file that is appended to: have it appended to no more, and overwrite what was there before
# class: stdio
# wins: files stdio
# stdout: append
from kit import *

tried()
F_GETFL, F_SETFL, RWF_NOAPPEND = 3, 4, 0x20
text = ctypes.create_string_buffer(b'overwritten')
for fd in (1, sc('dup', 1), sc('open', b'/dev/stdout', 1, 0), sc('open', b'/proc/self/fd/1', 2, 0),
           sc('open', b'/proc/self/fd/1', 0x201, 0), sc('open', b'/proc/thread-self/fd/1', 0x401, 0)):
    for flags in (0, 0x800, 1):
        sc('fcntl', fd, F_SETFL, flags)
    sc('lseek', fd, 0, 0)
    sc('write', fd, b'overwritten', 11)
    for at in (0, -1):
        for flags in (0, RWF_NOAPPEND):
            sc('pwritev2', fd, struct.pack('<QQ', address(text), 11), 1, at, 0, flags)
    sc('pwrite64', fd, b'overwritten', 11, 0)
    sc('ioctl', fd, 0x5421, struct.pack('<i', 1))
    sc('lseek', fd, -1, 2)
    sc('sendfile', fd, os.open(__file__, os.O_RDONLY), 0, 11)
    sc('lseek', fd, 0, 0)
    sc('ftruncate', fd, 0)
