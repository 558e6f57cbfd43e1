# SPDX-License-Identifier: Apache-2.0
# attack: SIGSTOP and SIGCONT again and again, by a timer, while threads open files
# class: signals
# wins: leak
# limits: wall=20 tasks=16
from kit import *

tried()
buf, at, bits = twin_path()
ticker(3000, signal.SIGCONT)
stop = []


def worker():
    while not stop:
        took(sc('openat', AT_FDCWD, buf, 0, 0))
        took(sc('openat', AT_FDCWD, os.fsencode(GOOD), 0, 0))


ts = [threading.Thread(target=worker, daemon=True) for _ in range(3)]
for t in ts:
    t.start()
f = Flipper(at, bits)
n = 0
for n in range(150):
    sc('kill', os.getpid(), (19, 20, 21, 22)[n & 3])
    time.sleep(0.005)
stop.append(1)
for t in ts:
    t.join(5)
f.end()
say('ROUNDS', n + 1)
