# SPDX-License-Identifier: Apache-2.0
# attack: names that come and go, so that the count of what is stored gets wrong
# class: quota
# wins: stored=131072,12
# needs: write
# policy: write: {path: "%A/work", quota: 128KiB, files: 12}
from kit import *

E, W = os.fsencode, F['work']
a, b = E(W + '/a'), E(W + '/b')
tried()
kept = []
# Each is removed by one of its names while it is open, looked at, or has another name.
for n in range(20):
    fd = openat(a, os.O_RDWR | os.O_CREAT)
    if fd < 0:
        break
    sc('write', fd, b'x' * 20000, 20000)
    sc('link', a, b)
    kept.append(openat(b, 0o10000000 if n & 1 else os.O_RDONLY))
    sc('close', fd)
    sc('unlink', a)
    sc('unlink', b)
# Two names of one file, one renamed to the other: nothing happens, and both stay.
for n in range(20):
    sc('link', E(W + '/file.txt'), E(W + '/sub/deeper/%d' % n))
    sc('rename', E(W + '/sub/deeper/%d' % n), E(W + '/file.txt'))
# What lay there gets a second name and loses its first: nothing may be counted off for that.
for n in range(20):
    sc('link', E(W + '/file.txt'), a)
    sc('unlink', E(W + '/file.txt'))
    sc('rename', a, E(W + '/file.txt'))
for n in range(20):
    openat(W + '/sub/%d' % n, os.O_WRONLY | os.O_CREAT)
hold()
