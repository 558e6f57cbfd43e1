# SPDX-License-Identifier: Apache-2.0
# attack: personality: no randomisation, reads that execute, pages at zero
# class: admin
# wins: state=personality
# logged: personality
from kit import *

tried()
hold()
for bits in (0x0040000, 0x0400000, 0x0100000, 8, 0xffffffff):
    sc('personality', bits)
hold()
