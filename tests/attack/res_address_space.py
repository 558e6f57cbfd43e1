# SPDX-License-Identifier: Apache-2.0
# attack: own limits set to nothing: no memory, no file size, no stack, no signals
# class: resources
# wins: leak
from kit import *

tried()
for resource in (2, 9, 3, 1, 11, 12, 6, 0):
    sc('prlimit64', 0, resource, struct.pack('<QQ', 1 << 20 if resource in (0, 3) else 0, 1 << 20 if resource in (0, 3) else (1 << 64) - 1), None)
    took(openat(GOOD))
    took(openat(SECRET))
    sc('stat', os.fsencode(GOOD), stat_buf())
say('ALIVE')
