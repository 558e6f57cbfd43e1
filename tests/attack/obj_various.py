# SPDX-License-Identifier: Apache-2.0
# attack: userfaultfd, bpf, perf events, AIO, signalfd, timerfd, landlock, pidfds
# class: kobj
# wins: effect
# logged: userfaultfd bpf perf_event_open io_setup
from kit import *

tried()
for call, args in (('userfaultfd', (0x80801,)), ('userfaultfd', (1,)), ('bpf', (0, struct.pack('<IIIII', 2, 4, 4, 1, 0) + bytes(100), 72)),
                   ('perf_event_open', (struct.pack('<IIQ', 1, 128, 0) + bytes(112), 0, -1, -1, 0)),
                   ('io_setup', (4, ctypes.byref(ctypes.c_ulong(0)))), ('fanotify_init', (0, 0)), ('inotify_init1', (0,)),
                   ('pidfd_open', (os.getppid(), 0)), ('kcmp', (os.getpid(), os.getpid(), 0, 1, 2))):
    r = sc(call, *args)
    if r >= 0:
        effect(call)
sc('landlock_create_ruleset', None, 0, 1)
