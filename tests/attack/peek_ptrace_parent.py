# SPDX-License-Identifier: Apache-2.0
# attack: the supervisor is traced by the program
# class: peek
# wins: unlogged
# native: n/a: it would stop the runner's own stand-in
# logged: ptrace process_vm_readv kcmp
from kit import *

tried()
pp = os.getppid()
sc('ptrace', 0x4206, pp, None, None)
sc('ptrace', 16, pp, None, None)
b = ctypes.create_string_buffer(64)
sc('process_vm_readv', pp, struct.pack('<QQ', address(b), 8), 1, struct.pack('<QQ', 0x100000, 8), 1, 0)
sc('kcmp', os.getpid(), pp, 0, 1, 1)
sc('get_robust_list', pp, b, b)
