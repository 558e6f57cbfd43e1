# SPDX-License-Identifier: Apache-2.0
# attack: paths and open_how structs that lie in the scratch itself, also across its ends
# class: scratch
# wins: leak
# native: n/a: there is no scratch without proctor
from kit import *

tried()
for i in range(0, SCRATCH_SIZE, 4096 if not NATIVE else 1 << 19):
    p = ctypes.c_void_p(SCRATCH + i)
    took(sc('openat', AT_FDCWD, p, 0, 0))
    took(sc('openat2', AT_FDCWD, os.fsencode(SECRET), p, 24))
    took(sc('openat2', AT_FDCWD, p, p, 24))
for i in (-1, -4095, SCRATCH_SIZE - 1, SCRATCH_SIZE - 8):
    took(sc('openat', AT_FDCWD, ctypes.c_void_p(SCRATCH + i), 0, 0))
openat('A' * 4000)
dump = ctypes.string_at(SCRATCH, SCRATCH_SIZE)
for i in range(0, SCRATCH_SIZE, 8):
    if dump[i:i + 8].strip(b'\0'):
        took(sc('openat', AT_FDCWD, ctypes.c_void_p(SCRATCH + i), 0, 0))
