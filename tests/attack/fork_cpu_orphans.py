# SPDX-License-Identifier: Apache-2.0
# attack: the same in orphans, whose time is their parents' no more, each made by the one before
# class: processes
# wins: limit
# limits: cpu=1 wall=4
# options: --process fork
# verdict: TO
from kit import *

tried()
if os.fork() == 0:
    for _ in range(40):
        end = time.process_time() + 0.2
        while time.process_time() < end:
            pass
        if os.fork():
            os._exit(0)
time.sleep(12)
