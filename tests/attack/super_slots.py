# SPDX-License-Identifier: Apache-2.0
# attack: hundreds of threads block in opens of a FIFO: all slots, descriptors and threads are held
# class: supervisor
# wins: leak super limit
# limits: wall=4 tasks=256
# verdict: TO
from kit import *

tried()
threading.stack_size(65536)


def stuck():
    openat(BOX + '/fifo')


n = 0
try:
    for n in range(240):
        threading.Thread(target=stuck, daemon=True).start()
except RuntimeError:
    pass
time.sleep(0.5)
bad = 0
for i in range(200):
    bad += openat(GOOD) < 0
    took(openat(SECRET))
say('STUCK', n, 'REFUSED', bad)
while True:
    time.sleep(1)
    took(openat(SECRET))
