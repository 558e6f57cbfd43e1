# SPDX-License-Identifier: Apache-2.0
# attack: threads end while others' brokered calls are in flight
# class: threads
# wins: leak effect
# limits: wall=30 tasks=64
from kit import *

buf, at, bits = twin_path()
tried()
stop = []


def opener():
    while not stop:
        took(sc('openat', AT_FDCWD, buf, 0, 0))


def short():
    took(sc('openat', AT_FDCWD, buf, 0, 0))


f = Flipper(at, bits)
ts = [threading.Thread(target=opener, daemon=True) for _ in range(3)]
for t in ts:
    t.start()
n, end = 0, time.monotonic() + 2
while time.monotonic() < end:
    more = [threading.Thread(target=short, daemon=True) for _ in range(8)]
    for t in more:
        t.start()
    for t in more:
        t.join(5)
        if t.is_alive():
            effect('a thread never came back') if not NATIVE else None
    n += 8
stop.append(1)
for t in ts:
    t.join(5)
f.end()
say('ROUNDS', n)
