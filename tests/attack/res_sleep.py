# SPDX-License-Identifier: Apache-2.0
# attack: endless sleep, with every signal blocked
# class: resources
# wins: limit
# limits: wall=1
# verdict: TO
from kit import *

tried()
sc('rt_sigprocmask', 0, struct.pack('<Q', (1 << 64) - 1), None, 8)
while True:
    time.sleep(10)
