# SPDX-License-Identifier: Apache-2.0
# attack: one page in each two megabytes of a huge mapping: the page tables are what costs
# class: resources
# wins: unlogged
# native: n/a: page tables are not resident memory; the verdict under proctor is what counts
# limits: mem=96 wall=10
# verdict: ML RE SG
from kit import *

tried()
n = 1 << 37
p = page(n, 1, 0x4022)
touch = function('8a07' '4881c700002000' '48ffce' '75f2' 'c3', ctypes.c_void_p, ctypes.c_long)
touch(p, n >> 21)
hold()
