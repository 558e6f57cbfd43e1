# SPDX-License-Identifier: Apache-2.0
# attack: endless system calls that cost the kernel's time, not the program's
# class: resources
# wins: limit
# limits: cpu=0.5 wall=8
# verdict: TO
from kit import *

tried()
p = ctypes.create_string_buffer(1 << 20)
while True:
    sc('getrandom', p, 1 << 20, 0)
