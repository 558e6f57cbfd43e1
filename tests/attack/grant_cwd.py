# SPDX-License-Identifier: Apache-2.0
# attack: a working directory that the policy starts the program in, and that nothing grants, is read by relative names
# class: grants
# wins: leak
# policy: cwd: "%A/box1"
from kit import *

if NATIVE:
    os.chdir(OUT)
tried()
for how in (0, os.O_PATH, os.O_RDWR):
    for name in ('twin.txt', './twin.txt', 'sub/../twin.txt', '../box1/twin.txt', '.', 'sub', '../box0secret/twin.txt'):
        took(openat(name, how))
        took(openat2(name, how))
for link in ('/proc/self/cwd', '/proc/thread-self/cwd', '/proc/self/task/%d/cwd' % os.getpid()):
    took(openat(link + '/twin.txt'))
    d = openat(link, os.O_PATH | os.O_DIRECTORY)
    if d >= 0:
        took(openat('twin.txt', 0, d))
        sc('fchdir', d)
        took(openat('twin.txt'))
for way in ('.', 'sub', '..'):
    sc('chdir', os.fsencode(way))
    took(openat('twin.txt'))
