# SPDX-License-Identifier: Apache-2.0
# attack: /proc/self/stat, which is given as a text, is forged for another process, and another process's is asked for under its name
# class: proc
# wins: effect
# options: --process fork
from kit import *

FORGED = NONCE.encode()
OWN = '/proc/self/stat'
if NATIVE:  # a stand-in: the same memory for everybody, without its read-only descriptor
    OWN = '/proc/self/fd/%d' % os.memfd_create('stat')


def read(path):
    fd = openat(path)
    got = os.pread(fd, 4096, 0) if fd >= 0 else b''
    sc('close', fd)
    return got


tried()
kept = []
for flags in os.O_RDONLY, os.O_WRONLY, os.O_RDWR, os.O_RDWR | os.O_TRUNC, os.O_WRONLY | os.O_APPEND:
    fd = openat(OWN, flags)
    for f in (fd, openat('/proc/self/fd/%d' % fd, os.O_RDWR)):
        sc('ftruncate', f, 0)
        sc('ftruncate', f, 1 << 30)
        sc('fallocate', f, 0, 0, 1 << 30)
        sc('fcntl', f, 1033, 2)
        sc('pwrite64', f, FORGED, len(FORGED), 0)
        p = sc('mmap', 0, 4096, 3, 1, f, 0)
        if p > 0:
            ctypes.memmove(p, FORGED, len(FORGED))
        if f >= 0 and os.fstat(f).st_size > 4096:
            effect('it has grown')
    kept.append(fd)
child = os.fork()
if child == 0:
    os._exit(FORGED in read(OWN))
if os.waitpid(child, 0)[1]:
    effect('a forged text was read')
# Of the parent, by every name, and while the name changes.
parent = b'%d (' % os.getppid()
name = ctypes.create_string_buffer(b'/proc/self/stat\0'.ljust(64, b'\0'))
other = b'/proc/%d/stat\0' % os.getppid()
for path in (other[:-1].decode(), '/proc/self/../%d/stat' % os.getppid(), '/proc/%d/../%d/stat' % (os.getpid(), os.getppid()),
             '/proc/self/task/%d/../../../%d/stat' % (os.getpid(), os.getppid()), '/proc/self/root/proc/%d/stat' % os.getppid()):
    if read(path).startswith(parent) and not NATIVE:
        effect('it tells of ' + path)
stop = []


def flip():
    while not stop:
        ctypes.memmove(name, other, len(other))
        ctypes.memmove(name, b'/proc/self/stat\0', 16)


thread = threading.Thread(target=flip, daemon=True)
thread.start()
for _ in range(300 if not NATIVE else 1):
    fd = sc('openat', -100, name, 0, 0)
    if fd >= 0 and os.pread(fd, 100, 0).startswith(parent) and not NATIVE:
        effect('it tells of the parent')
    sc('close', fd)
stop.append(1)
thread.join()
