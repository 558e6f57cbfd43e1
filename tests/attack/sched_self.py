# SPDX-License-Identifier: Apache-2.0
# attack: real-time scheduling, priority and affinity for itself
# class: sched
# wins: state=nice
# logged: setpriority sched_setscheduler sched_setaffinity sched_setattr
# needs: root
from kit import *

tried()
hold()
sc('setpriority', 0, 0, -5)
sc('setpriority', 1, 0, -5)
sc('sched_setscheduler', 0, 3, struct.pack('<i', 0))
sc('sched_setscheduler', 0, 0x40000000, struct.pack('<i', 0))
sc('sched_setscheduler', os.getppid(), 0, struct.pack('<i', 0))
sc('sched_setaffinity', 0, 8, struct.pack('<Q', 2))
sc('sched_setattr', 0, struct.pack('<IIQiIQQQ', 48, 3, 0, 5, 0, 0, 0, 0), 0)
hold()
