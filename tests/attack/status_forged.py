# SPDX-License-Identifier: Apache-2.0
# attack: a signal that limits use, sent to itself, to be judged slow instead of crashed
# class: status
# wins: status
# native: n/a: there is no verdict without proctor
# limits: cpu=5
# verdict: SG
from kit import *

tried()
sc('rt_sigaction', 24, struct.pack('<QQQQ', 0, 0, 0, 0), None, 8)
sc('kill', os.getpid(), 24)
