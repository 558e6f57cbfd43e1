# SPDX-License-Identifier: Apache-2.0
# attack: refusals until the log is full and drops: what is left out must be counted
# class: supervisor
# wins: log
# native: n/a: there is no log to fill
# limits: wall=20
# policy: log: {max: 1MiB, on_full: drop}
# verdict: OK
from kit import *

tried()
for i in range(5000):
    openat(OUT + '/none%d' % i)
say('ROUNDS', 5000)
