# SPDX-License-Identifier: Apache-2.0
# attack: children killed in the middle of refused calls, so that records of these are lost
# class: processes
# wins: log unlogged
# native: n/a: there is no log without a sandbox
# logged: openat*20
# options: --process fork
from kit import *

tried()
for i in range(12):
    pid = os.fork()
    if pid == 0:
        while True:
            openat(SECRET)
            sc('openat', AT_FDCWD, 1, 0, 0)
            sc('tkill', os.getpid(), 0)
    time.sleep(0.01 + i / 1000)
    sc('kill', pid, 9)
    os.waitpid(pid, 0)
