# SPDX-License-Identifier: Apache-2.0
# attack: children that are stopped (SIGSTOP, SIGTSTP, SIGTTIN) when the program ends
# class: processes
# wins: left
# options: --process fork
from kit import *

tried()
for sig in (19, 20, 21):
    if os.fork() == 0:
        os.kill(os.getpid(), sig)
        time.sleep(20)
        os._exit(0)
time.sleep(0.3)
