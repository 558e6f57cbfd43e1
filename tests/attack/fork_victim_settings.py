# SPDX-License-Identifier: Apache-2.0
# attack: a child changes limits, priority, processors and group of a bystander
# class: processes
# wins: victim
# needs: victim
# options: --process fork
from kit import *

tried()
pid = os.fork()
if pid == 0:
    v = F['vpid']
    sc('prlimit64', v, 7, struct.pack('<QQ', 64, 64), None)
    sc('setpriority', 0, v, 15)
    sc('sched_setaffinity', v, 8, struct.pack('<Q', 1))
    sc('sched_setscheduler', v, 3, struct.pack('<i', 0))
    sc('setpgid', v, v)
    sc('ioprio_set', 1, v, 3 << 13 | 7)
    os._exit(0)
os.waitpid(pid, 0)
hold()
