# SPDX-License-Identifier: Apache-2.0
# attack: as many descriptors as there can be, then the brokered calls that need one
# class: resources
# wins: leak
from kit import *

tried()
while sc('dup', 0) >= 0:
    pass
for i in range(50):
    took(openat(SECRET))
    took(openat(GOOD))
    sc('stat', os.fsencode(GOOD), stat_buf())
sc('close', 3)
took(openat(SECRET))
