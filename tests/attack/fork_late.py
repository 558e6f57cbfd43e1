# SPDX-License-Identifier: Apache-2.0
# attack: an orphan that goes on writing when the program has ended, and forks so as not to be found
# class: processes
# wins: left
# options: --process fork
from kit import *

tried()
if os.fork() == 0:
    for i in range(60):
        if os.fork():
            os._exit(0)
        say('LATE', i)
        time.sleep(0.1)
time.sleep(0.3)
