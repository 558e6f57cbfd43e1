# SPDX-License-Identifier: Apache-2.0
# attack: memory in many children, each of them well beneath the limit
# class: processes
# wins: limit
# limits: mem=400 wall=9
# options: --process fork
# verdict: ML
from kit import *

tried()
for _ in range(4):
    if os.fork() == 0:
        held = []
        for _ in range(35):  # no faster than it can be looked at
            held.append(bytearray(os.urandom(4096)) * (4 << 8))
            time.sleep(0.08)
        time.sleep(1)
        os._exit(0)
time.sleep(4)
hold()
