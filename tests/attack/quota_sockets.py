# SPDX-License-Identifier: Apache-2.0
# attack: more names than there may be, as sockets that are bound to them
# class: quota
# wins: stored=131072,12
# needs: write
# policy: write: {path: "%A/work", quota: 128KiB, files: 12} ;; net: {bind: ["unix:%A/work/s0", "unix:%A/work/s1", "unix:%A/work/s2", "unix:%A/work/s3", "unix:%A/work/s4", "unix:%A/work/s5", "unix:%A/work/s6", "unix:%A/work/s7", "unix:%A/work/s8", "unix:%A/work/s9"]}
from kit import *

import socket
W = F['work']
tried()
for n in range(10):
    with open(W + '/f%d' % n, 'w') if n < 6 else open(os.devnull, 'w'):
        pass
    try:
        socket.socket(socket.AF_UNIX).bind(W + '/s%d' % n)
    except OSError as e:
        say(n, e)
    try:
        os.rename(W + '/s%d' % n, W + '/t%d' % n)
        socket.socket(socket.AF_UNIX).bind(W + '/s%d' % n)
    except OSError as e:
        say(n, e)
hold()
# They count, and are no win by being there.
for name in os.listdir(W):
    if name[:1] in 'st' and name[1:].isdigit():
        os.unlink(W + '/' + name)
hold()
