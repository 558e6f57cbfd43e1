# SPDX-License-Identifier: Apache-2.0
# attack: shared memory without a name, let go of by every process that has it, and still held
# class: processes
# wins: status
# native: n/a: what the kernel holds then is seen in no process
# limits: mem=100 wall=9
# options: --process fork
# verdict: ML
from kit import *

tried()
if os.fork() == 0:
    time.sleep(5)
for _ in range(8):
    at = page(40 << 20, 3, 0x21)
    for i in range(at, at + (40 << 20), 4096):
        ctypes.memset(i, 1, 1)
    sc('madvise', at, 40 << 20, 4)
    sc('munmap', at + 4096, (40 << 20) - 4096)
time.sleep(2)
