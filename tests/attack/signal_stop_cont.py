# SPDX-License-Identifier: Apache-2.0
# attack: SIGSTOP and SIGCONT again and again, by a timer, while threads open files
# class: signals
# wins: leak
# limits: wall=20 tasks=16
from kit import *

tried()
buf, at, bits = twin_path()
stop = []
timers = []
for _ in range(3):
    t = ctypes.c_int(0)
    sc('timer_create', 1, struct.pack('<Qii', 0, 18, 0) + bytes(48), ctypes.byref(t))
    timers.append(t.value)


def worker():
    while not stop:
        took(sc('openat', AT_FDCWD, buf, 0, 0))
        took(sc('openat', AT_FDCWD, os.fsencode(GOOD), 0, 0))


ts = [threading.Thread(target=worker, daemon=True) for _ in range(3)]
for t in ts:
    t.start()
f = Flipper(at, bits)
n = 0
for n in range(120):
    # a stop throws away a SIGCONT that is pending, and its timer with it: three chances to come back
    for t, ms in zip(timers, (4, 100, 1000)):
        sc('timer_settime', t, 0, struct.pack('<qqqq', 0, 0, ms // 1000, ms % 1000 * 1000000), None)
    sc('kill', os.getpid(), (19, 20, 21, 22)[n & 3])
    time.sleep(0.005)
stop.append(1)
for t in ts:
    t.join(5)
f.end()
say('ROUNDS', n + 1)
