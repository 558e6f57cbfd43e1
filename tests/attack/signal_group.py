# SPDX-License-Identifier: Apache-2.0
# attack: signals for the whole process group, in which the supervisor may be
# class: signal
# wins: super
from kit import *

tried()
sc('rt_sigaction', 15, struct.pack('<QQQQ', 1, 0, 0, 0), None, 8)
sc('kill', 0, 15)
sc('kill', -os.getpgrp(), 15)
sc('kill', os.getppid(), 15)
sc('kill', os.getppid(), 9)
hold()
