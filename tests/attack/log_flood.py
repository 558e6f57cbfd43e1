# SPDX-License-Identifier: Apache-2.0
# attack: a flood of refused calls from four threads: nothing may be lost or torn
# class: log
# wins: log
# native: n/a: there is no log without proctor
# limits: wall=25 tasks=16
from kit import *

tried()
path = os.fsencode(OUT + '/\n"\x1b')
st = stat_buf()
N = 600


def flood():
    for i in range(N):
        sc('openat', AT_FDCWD, path, 0, 0)
        sc('stat', path, st)
        sc('socket', 2, 1, 0)


ts = [threading.Thread(target=flood) for _ in range(4)]
for t in ts:
    t.start()
for t in ts:
    t.join()
say('ROUNDS', N * 12)
