# SPDX-License-Identifier: Apache-2.0
# attack: arch_prctl: faults at cpuid, another vDSO, registers for guests, other addresses
# class: self
# wins: effect
# native: n/a: whether one works depends on the processor and the kernel
# logged: arch_prctl*8
from kit import *

# A processor that lacks a feature fails these by itself, so each has to be refused in the log as well.
# ARCH_REQ_XCOMP_PERM and ARCH_SHSTK_ENABLE are not among them: the table of calls allows a thread to
# ask for its processor's own AMX registers and shadow stack, and it gets them where there are any.
tried()
for option, arg in ((0x2001, 0x10000000),  # ARCH_MAP_VDSO_X32
                    (0x2002, 0x10000000),  # ARCH_MAP_VDSO_32
                    (0x2003, 0x200000),    # ARCH_MAP_VDSO_64
                    (0x1012, 0),           # ARCH_SET_CPUID
                    (0x1025, 18),          # ARCH_REQ_XCOMP_GUEST_PERM
                    (0x5004, 1),           # ARCH_SHSTK_UNLOCK
                    (0x4002, 1),           # ARCH_ENABLE_TAGGED_ADDR
                    (0x4004, 0)):          # ARCH_FORCE_TAGGED_SVA
    r = sc('arch_prctl', option, arg)
    if r >= 0:
        effect('arch_prctl %#x' % option)
