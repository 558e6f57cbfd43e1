# SPDX-License-Identifier: Apache-2.0
# attack: removed files that another process still has open, mapped or only looks at
# class: quota
# wins: stored=131072,12
# needs: write
# policy: write: {path: "%A/work", quota: 128KiB, files: 12}
# options: --process fork
from kit import *

E, W = os.fsencode, F['work']
KEEP = [lambda name, fd: fd, lambda name, fd: openat(name, 0o10000000),
        lambda name, fd: sc('mmap', 0, 20000, 1, 1, fd, 0)]
tried()
done, go = os.pipe()
for n in range(24):
    name = W + '/f'
    fd = openat(name, os.O_RDWR | os.O_CREAT)
    if fd < 0:
        break
    sc('write', fd, b'x' * 20000, 20000)
    kept = KEEP[n % 3](name, fd)
    if n % 4 == 0 and os.fork() == 0:  # it has all that were made before
        sc('close', go)
        os.read(done, 1)
        os._exit(0)
    if n % 3 or n % 4 == 0:  # it is not kept open, or the child has it
        sc('close', fd)
    sc('unlink', E(name))
hold()
os.close(go)
