# SPDX-License-Identifier: Apache-2.0
# attack: refusals until the log is full: that must be the program's fault, not proctor's
# class: supervisor
# wins: status
# native: n/a: there is no log to fill
# limits: wall=20
# policy: log: {max: 4MiB, on_full: kill}
# verdict: PV OL
from kit import *

tried()
while True:
    openat(OUT + '/none')
