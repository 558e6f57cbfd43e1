# SPDX-License-Identifier: Apache-2.0
# attack: processes that make processes, under a limit on how many there are
# class: processes
# wins: limit left
# limits: tasks=8 wall=6
# options: --process fork
# verdict: PV
from kit import *

tried()
for _ in range(6):
    try:
        os.fork()
    except OSError:
        pass
time.sleep(1.5)
hold()
