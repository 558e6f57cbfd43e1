# SPDX-License-Identifier: Apache-2.0
# attack: changes through files beneath /proc/self: the OOM score, the dump filter, the name
# class: proc
# wins: state=oom_score_adj,coredump_filter,timerslack_ns
from kit import *

tried()
hold()
for name, value in (('oom_score_adj', b'500'), ('coredump_filter', b'7f'), ('timerslack_ns', b'1000'), ('comm', b'other'),
                    ('attr/current', b'x'), ('uid_map', b'0 0 1'), ('clear_refs', b'1'), ('autogroup', b'5'), ('sched', b'0')):
    for base in ('/proc/self/', '/proc/%d/' % os.getpid(), '/proc/thread-self/'):
        fd = openat(base + name, os.O_WRONLY)
        if fd >= 0:
            sc('write', fd, value, len(value))
hold()
