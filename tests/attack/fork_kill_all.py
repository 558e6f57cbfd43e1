# SPDX-License-Identifier: Apache-2.0
# attack: a child signals every process, its group and groups by their leaders
# class: processes
# wins: unlogged super
# native: n/a: no signal may be sent to every process of this machine
# logged: kill*6
# options: --process fork
from kit import *

sc('rt_sigaction', 15, struct.pack('<QQQQ', 1, 0, 0, 0), None, 8)
tried()
pid = os.fork()
if pid == 0:
    for who in (-1, 0xffffffff, 0, -os.getpgrp(), -F['super'], -os.getppid()):
        sc('kill', who, 15)
    os._exit(0)
os.waitpid(pid, 0)
hold()
