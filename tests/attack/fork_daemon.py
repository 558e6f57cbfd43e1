# SPDX-License-Identifier: Apache-2.0
# attack: a daemon: two forks and a session of its own, signals ignored, while the program ends
# class: processes
# wins: left
# options: --process fork
from kit import *

tried()
for s in range(1, 65):
    sc('rt_sigaction', s, struct.pack('<QQQQ', 1, 0, 0, 0), None, 8)
if os.fork() == 0:
    sc('setsid')
    sc('setpgid', 0, 0)
    if os.fork() == 0:
        for fd in range(3):
            os.close(fd)
        time.sleep(20)
    os._exit(0)
time.sleep(0.2)
