# SPDX-License-Identifier: Apache-2.0
# attack: stdin is a read-only file: opened again for writing
# class: stdio
# wins: files
# stdin: file
from kit import *

tried()
for p in ('/proc/self/fd/0', '/dev/stdin', '/dev/fd/0'):
    for flags in (os.O_RDWR, os.O_WRONLY, os.O_WRONLY | os.O_TRUNC):
        fd = openat(p, flags)
        if fd >= 0:
            sc('pwrite64', fd, b'overwritten', 11, 0)
sc('fchmod', 0, 0o600)
