# SPDX-License-Identifier: Apache-2.0
# attack: POSIX timers and message queues that signal other processes
# class: signal
# wins: victim unlogged
# native: n/a: the kernel sends these to threads of the caller only
# needs: victim
# logged: mq_open
from kit import *

tried()
sc('timer_create', 1, struct.pack('<QiiI', 0, 10, 4, F['vpid']) + bytes(44), ctypes.byref(ctypes.c_int()))
sc('mq_open', b'attack-' + NONCE.encode() + b'-t', 0o102, 0o600, None)
sc('mq_unlink', b'attack-' + NONCE.encode() + b'-t')
hold()
