# SPDX-License-Identifier: Apache-2.0
# attack: more memory than allowed, page by page
# class: resources
# wins: limit
# limits: mem=96 wall=8
# verdict: ML RE
from kit import *

tried()
keep = []
for i in range(400):
    keep.append(bytearray(1 << 20))
hold()
