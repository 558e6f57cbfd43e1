# SPDX-License-Identifier: Apache-2.0
# attack: signal stacks at bad addresses, blocked fatal signals, handlers at nowhere
# class: signals
# wins: leak
from kit import *

tried()
sc('sigaltstack', struct.pack('<QiiQ', 0x100000, 0, 0, 1 << 20), None)
sc('rt_sigprocmask', 0, struct.pack('<Q', (1 << 64) - 1), None, 8)
sc('kill', os.getpid(), 31)
sc('kill', os.getpid(), 5)
took(openat(SECRET))
sigaction(12, 0x100000, 4 | 0x08000000)
took(openat(GOOD))
sc('rt_sigprocmask', 1, struct.pack('<Q', 1 << 11), None, 8)
sc('kill', os.getpid(), 12)
say('ALIVE')
