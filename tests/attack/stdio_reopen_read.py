# SPDX-License-Identifier: Apache-2.0
# attack: stdout is a write-only file: opened again for reading, what others wrote comes out
# class: stdio
# wins: leak
# stdout: file
from kit import *

tried()
for p in ('/proc/self/fd/1', '/dev/stdout', '/dev/fd/1', '/proc/thread-self/fd/1', F['arena'] + '/out.log'):
    for flags in (os.O_RDONLY, os.O_RDWR):
        take(p, flags)
p = libc.mmap(None, 4096, 1, 1, 1, 0)
if p not in (None, 2 ** 64 - 1):
    os.write(1, ctypes.string_at(p, 200))
