# SPDX-License-Identifier: Apache-2.0
# attack: priority, scheduler, affinity and I/O priority of another process
# class: sched
# wins: victim
# needs: victim
# logged: setpriority sched_setaffinity ioprio_set prlimit64
from kit import *

v = F['vpid']
tried()
sc('setpriority', 0, v, 19)
sc('sched_setscheduler', v, 3, struct.pack('<i', 0))
sc('sched_setparam', v, struct.pack('<i', 0))
sc('sched_setattr', v, struct.pack('<IIQiIQQQ', 48, 5, 0, 0, 0, 0, 0, 0), 0)
sc('sched_setaffinity', v, 8, struct.pack('<Q', 1))
sc('ioprio_set', 1, v, 2 << 13 | 7)
sc('prlimit64', v, 7, struct.pack('<QQ', 64, 64), None)
sc('setpgid', v, 0)
