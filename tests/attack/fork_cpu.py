# SPDX-License-Identifier: Apache-2.0
# attack: CPU time in children that have ended, each of them well beneath the limit
# class: processes
# wins: limit
# limits: cpu=1 wall=4
# options: --process fork
# verdict: TO
from kit import *

tried()
for _ in range(40):
    pid = os.fork()
    if pid == 0:
        end = time.process_time() + 0.2
        while time.process_time() < end:
            pass
        os._exit(0)
    os.waitpid(pid, 0)
