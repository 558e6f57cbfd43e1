# SPDX-License-Identifier: Apache-2.0
# attack: a flood into a regular file as stdout, by pwrite at growing offsets
# class: output
# wins: limit
# stdout: file
# limits: out=200000 wall=8
# verdict: OL
from kit import *

tried()
i = 0
while i < 2000:
    sc('pwrite64', 1, b'u' * 8192, 8192, 4096 + i * 8192)
    sc('write', 1, b'u' * 8192, 8192)
    i += 1
