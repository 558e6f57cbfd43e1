# SPDX-License-Identifier: Apache-2.0
# attack: endless loops in several threads
# class: resources
# wins: limit
# limits: cpu=0.5 wall=8 tasks=16
# verdict: TO
from kit import *

tried()
FN = function('ebfe')
for _ in range(4):
    threading.Thread(target=FN, daemon=True).start()
FN()
