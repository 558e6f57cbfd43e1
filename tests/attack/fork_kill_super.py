# SPDX-License-Identifier: Apache-2.0
# attack: a child, and an orphan, signal the supervisor and who started it
# class: processes
# wins: super
# options: --process fork
from kit import *

tried()
pid = os.fork()
if pid == 0:
    if os.fork() == 0:
        time.sleep(0.1)
    for sig in (15, 9):
        sc('kill', F['super'], sig)
        sc('tkill', F['super'], sig)
        sc('tgkill', F['super'], F['super'], sig)
        sc('rt_sigqueueinfo', F['super'], sig, struct.pack('<iiiiQ', sig, 0, -1, 0, 0) + bytes(104))
    os._exit(0)
os.waitpid(pid, 0)
time.sleep(0.3)
hold()
