# SPDX-License-Identifier: Apache-2.0
# attack: descriptors that whoever started proctor left open: a secret, a directory, a writable file
# class: stdio
# wins: leak files
# native: n/a: the stand-in supervisor passes nothing on
# needs: inherit
from kit import *

tried()
for fd in set(range(3, 256)) | set(F['inherited']):
    spill(fd)
    take('twin.txt', 0, fd)
    take('../box1/twin.txt', 0, fd)
    sc('pwrite64', fd, b'changed', 7, 0)
    sc('write', fd, b'changed', 7)
