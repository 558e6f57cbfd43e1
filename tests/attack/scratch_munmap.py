# SPDX-License-Identifier: Apache-2.0
# attack: the scratch is unmapped, whole, in part or as part of a large range
# class: scratch
# wins: scratch
from kit import *

at = scratch()
tried()
hold()
for addr, n in ((at, 4096), (at + SCRATCH_SIZE - 4096, 4096), (at, SCRATCH_SIZE), (at - 8192, 16384), (at + 4096, 1)):
    sc('munmap', addr, n)
sc('munmap', 0x10000, 0x300000)
hold()
