# SPDX-License-Identifier: Apache-2.0
# attack: every call number with arguments that mean nothing: each refusal must be in the log
# class: log
# wins: log
# native: n/a: natively some of these end the process or change the machine
# limits: wall=20
# verdict: OK
from kit import *

tried()
harmful = {NR[n] for n in ('exit', 'exit_group', 'rt_sigreturn', 'pause', 'fork', 'vfork', 'clone', 'reboot', 'vhangup', 'select', 'poll', 'pselect6',
                           'ppoll', 'munmap', 'brk', 'sync', 'alarm', 'close', 'close_range', 'personality', 'rt_sigprocmask', 'mprotect', 'wait4', 'waitid',
                           'epoll_pwait', 'setsid', 'dup2', 'dup3', 'restart_syscall')} | {130, 232, 441, 449, 455, 72, 0, 335, 336}
# 335 and 336 (uretprobe, uprobe) pass every filter since Linux 6.13 and end in SIGILL
for nr in range(0, 480):
    if nr not in harmful:
        sc(nr, -1, 0, 0, 0, 0, 0)
for nr in (1000, 0x3fffffff, -1 & 0xffffffff, 1 << 31):
    sc(nr, -1, 0, 0, 0, 0, 0)
say('ALIVE')
