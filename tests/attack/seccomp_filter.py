# SPDX-License-Identifier: Apache-2.0
# attack: a filter of its own that allows everything
# class: self
# wins: state=Seccomp_filters
# logged: seccomp prctl
from kit import *

f = ctypes.create_string_buffer(struct.pack('<HBBI', 6, 0, 0, 0x7fff0000))
prog = ctypes.create_string_buffer(struct.pack('<HxxxxxxQ', 1, address(f)))
tried()
sc('prctl', 38, 1, 0, 0, 0)
hold()
sc('seccomp', 1, 0, prog)
sc('prctl', 22, 2, prog)
sc('seccomp', 1, 1, prog)
hold()
