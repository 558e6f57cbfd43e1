# SPDX-License-Identifier: Apache-2.0
# attack: processes that are killed in the middle of a write to stdout, so that nobody is told how much it wrote
# class: output
# wins: limit
# options: --process fork
# limits: out=200000 wall=20 tasks=16
# verdict: OL
from kit import *

p = page(1 << 20)
ctypes.memset(p, 107, 1 << 20)
tried()
end = time.monotonic() + 12
n = 0
while time.monotonic() < end:
    n += 1
    child = os.fork()
    if child == 0:
        while True:
            sc('write', 1, ctypes.c_void_p(p), (150000, 3000, 1 << 20)[n % 3])
    time.sleep(0.001 * (n % 4))
    os.kill(child, 9)
    os.waitpid(child, 0)
