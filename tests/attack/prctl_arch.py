# SPDX-License-Identifier: Apache-2.0
# attack: arch_prctl: faults at cpuid, another vDSO, shadow stacks
# class: self
# wins: effect
# native: n/a: whether one works depends on the processor and the kernel
# logged: arch_prctl
from kit import *

tried()
for option, arg in ((0x2001, 0x10000000), (0x2002, 0x10000000), (0x2003, 0x200000), (0x1012, 0), (0x5001, 1), (0x1023, 18), (0x4002, 1)):
    r = sc('arch_prctl', option, arg)
    if r >= 0:
        effect('arch_prctl %#x' % option)
