# SPDX-License-Identifier: Apache-2.0
# attack: the copy of /proc/self/maps is written to, truncated, grown, mapped writable
# class: proc
# wins: effect
from kit import *

FORGED = b'f0f0f0f0-f0f1f0f0 rwxp ' + NONCE.encode() + b'\n'
if NATIVE:  # a stand-in: memory without seals, as the copy would be without its read-only descriptor
    MAPS = '/proc/self/fd/%d' % os.memfd_create('maps')
else:
    MAPS = '/proc/self/maps'


def text():
    fd = openat(MAPS)
    got = os.pread(fd, 1 << 22, 0) if fd >= 0 else b''
    sc('close', fd)
    return got


def change(fd):
    sc('ftruncate', fd, 0)
    sc('fallocate', fd, 0, 0, 1 << 30)
    sc('sendfile', fd, openat(GOOD), 0, 64)
    sc('copy_file_range', openat(GOOD), 0, fd, 0, 64, 0)
    sc('pwrite64', fd, FORGED, len(FORGED), 0)
    sc('write', fd, FORGED, len(FORGED))
    p = libc.mmap(None, 4096, 3, 1, fd, 0)
    if p not in (None, 2 ** 64 - 1):
        ctypes.memmove(p, FORGED, len(FORGED))


before = text()
tried()
for flags in os.O_RDONLY, os.O_WRONLY, os.O_RDWR, os.O_RDWR | os.O_TRUNC, os.O_WRONLY | os.O_APPEND, os.O_RDWR | os.O_CREAT:
    fd = openat(MAPS, flags)
    change(fd)
    change(openat('/proc/self/fd/%d' % fd, os.O_RDWR))
    if FORGED[:-1] in text():
        effect('a forged line was read')
for fd in reserved():
    if fd > 2:
        change(fd)
        change(openat('/proc/self/fd/%d' % fd, os.O_RDWR))
if FORGED[:-1] in text():
    effect('a forged line was read')
if not NATIVE and before and b'[stack]' not in text():
    effect('the map is gone or cut')
