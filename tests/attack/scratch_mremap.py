# SPDX-License-Identifier: Apache-2.0
# attack: the scratch is moved away, shrunk or grown, duplicated
# class: scratch
# wins: scratch
from kit import *

at = scratch()
tried()
hold()
there = page(4 * 4096)
sc('mremap', at, 0, 4096, 1)
sc('mremap', at, 4096, 4096, 3, there)
sc('mremap', at, SCRATCH_SIZE, 4096, 1)
sc('mremap', at, SCRATCH_SIZE, SCRATCH_SIZE * 2, 1)
sc('mremap', at + 4096, 4096, 4096, 5)
hold()
