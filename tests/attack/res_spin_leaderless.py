# SPDX-License-Identifier: Apache-2.0
# attack: the first thread ends and the others go on for ever: whose CPU time is looked at?
# class: resources
# wins: limit
# limits: cpu=0.5 wall=8 tasks=16
# verdict: TO
from kit import *

tried()
FN = function('ebfe')
for _ in range(3):
    threading.Thread(target=FN, daemon=True).start()
sc('exit', 0)
