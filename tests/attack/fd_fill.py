# SPDX-License-Identifier: Apache-2.0
# attack: every free number is filled, so that reserved numbers and the supervisor's helpers run out
# class: reserved
# wins: leak
from kit import *

tried()
n, last = 0, 0
while n < 70000:
    last = sc('dup', 0)
    if last < 0:
        break
    n += 1
say('FILLED', n, last)
took(openat(SECRET))
took(openat(GOOD))
sc('close', 5)
for i in range(50):
    took(openat(GOOD))
    took(openat(SECRET))
    took(openat(BOX + '/../box1/twin.txt'))
