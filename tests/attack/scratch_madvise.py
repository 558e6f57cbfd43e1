# SPDX-License-Identifier: Apache-2.0
# attack: madvise drops, frees, punches or hides the pages of the scratch
# class: scratch
# wins: effect
# native: n/a: a file that can still be written keeps its pages
from kit import *

at = scratch()
tried()
took(openat(GOOD))
before = ctypes.string_at(at, 65536)
for advice in list(range(0, 26)) + [100, 101, 102, 103]:
    if advice in (100, 101):
        continue
    sc('madvise', at, SCRATCH_SIZE, advice)
    sc('process_madvise', -1, struct.pack('<QQ', at, SCRATCH_SIZE), 1, advice, 0)
after = ctypes.string_at(at, 65536)
if before != after and before.strip(b'\0') and not after.strip(b'\0'):
    effect('the scratch was emptied')
for i in range(100):
    fd = openat(GOOD)
    if fd < 0:
        effect('opens fail now: %d' % fd)
        break
    os.close(fd)
    took(openat(SECRET))
