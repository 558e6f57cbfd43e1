# SPDX-License-Identifier: Apache-2.0
# attack: the names that are hidden in a granted directory, by every way to list it
# class: grants
# wins: leak
# policy: read: ["%A/box1"] ;; hide: ["%A/box1/name-*"]
from kit import *

buffer = ctypes.create_string_buffer(65536)


def names(fd, sizes=(65536, 32768, 300, 64, 48, 40, 32, 24)):
    for call in 'getdents64', 'getdents':
        for size in sizes:
            sc('lseek', fd, 0, 0)
            while True:
                n = sc(call, fd, buffer, size)
                if n <= 0:
                    break
                os.write(1, buffer.raw[:n])


def spell(path, flags=0):
    fd = openat(path, os.O_RDONLY | os.O_DIRECTORY | flags)
    if fd >= 0:
        names(fd)
        names(sc('dup', fd))
        names(openat('/proc/self/fd/%d' % fd, os.O_RDONLY))
        names(openat('.', os.O_RDONLY, fd))
        sc('fchdir', fd)
        names(openat('.', os.O_RDONLY))
        names(openat('sub/..', os.O_RDONLY))
    return fd


tried()
for where in (OUT, OUT + '/', OUT + '/.', OUT + '/sub/..', BOX + '/../box1', BOX + '/dir_out', BOX + '/abs_dir_out'):
    fd = spell(where)
for size in range(0, 400):  # every offset that the kernel itself gives, and those between
    sc('lseek', fd, size, 0)
    if sc('getdents64', fd, buffer, 32768) > 0:
        os.write(1, buffer.raw[:32768])
# A buffer that ends in the middle, at memory that may not be written.
two = page(8192)
sc('mprotect', two + 4096, 4096, 0)
for room in range(0, 600, 8):
    sc('lseek', fd, 0, 0)
    sc('getdents64', fd, two + 4096 - room, 32768)
    os.write(1, ctypes.string_at(two, 4096))
for fd in reserved():
    names(fd, (32768,))
    new = openat('.', os.O_RDONLY | os.O_DIRECTORY, fd)
    if new >= 0:
        names(new)
