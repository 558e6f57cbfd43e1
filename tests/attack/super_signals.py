# SPDX-License-Identifier: Apache-2.0
# attack: the supervisor's own signals: SIGALRM, SIGCHLD, SIGIO and the rest at the whole group
# class: supervisor
# wins: super victim
# needs: victim
# limits: wall=3
# verdict: OK RE
from kit import *

tried()
for sig in (1, 2, 3, 10, 12, 13, 14, 15, 17, 18, 19, 29, 9):
    for pid in (os.getppid(), 0, -os.getpgrp(), -1 if not NATIVE and sig == 18 else os.getppid(), F['vpid']):
        if NATIVE and sig in (9, 19) and pid != os.getppid():
            continue
        if pid != 0 or sig in (17, 18):
            sc('kill', pid, sig)
            sc('tgkill', pid, pid, sig)
            sc('tkill', pid, sig)
hold()
