# SPDX-License-Identifier: Apache-2.0
# attack: only one file of a directory is granted; its siblings lie beneath the same root descriptor
# class: grants
# wins: leak
# options: -r %A/box1/marked.txt -r %A/box1/sub/deeper/
from kit import *

fds = reserved()
tried()
take(SECRET)
take(OUT + '/marked.txt/../twin.txt')
take(OUT + '/sub/deeper/../../twin.txt')
fd = openat(OUT + '/marked.txt')
take('../twin.txt', 0, fd)
take('/proc/self/fd/%d/../twin.txt' % fd)
b = ctypes.create_string_buffer(32768)
for fd in fds:
    new = sc('dup', fd)
    took(openat('twin.txt', 0, new))
    took(openat('../twin.txt', 0, new))
    took(openat('../../twin.txt', 0, new))
    sc('fchdir', new)
    took(openat('twin.txt'))
    for d in (new, openat('.', os.O_DIRECTORY, new), openat('..', os.O_DIRECTORY, new)):
        n = sc('getdents64', d, b, 32768)
        os.write(1, b.raw[:max(n, 0)])
for d in (OUT, OUT + '/sub/deeper/../..'):
    fd = openat(d, os.O_DIRECTORY)
    n = sc('getdents64', fd, b, 32768)
    os.write(1, b.raw[:max(n, 0)])
    sc('chdir', os.fsencode(d))
    took(openat('twin.txt'))
