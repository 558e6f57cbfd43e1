# SPDX-License-Identifier: Apache-2.0
# attack: a process reads and writes the memory of its child and of its parent
# class: processes
# wins: effect unlogged
# logged: process_vm_readv process_vm_writev ptrace pidfd_getfd
# options: --process fork
from kit import *

tried()
word = ctypes.create_string_buffer(b'before--', 16)
r, w = os.pipe()
pid = os.fork()
if pid == 0:
    time.sleep(0.2)
    if word.raw[:8] == b'changed-':
        effect('the child was written to')
    os.write(w, word.raw[:8])
    os._exit(0)
new = ctypes.create_string_buffer(b'changed-', 16)
here = struct.pack('<QQ', address(new), 8)
there = struct.pack('<QQ', address(word), 8)
sc('process_vm_readv', pid, here, 1, there, 1, 0)
new.raw = b'changed-' + bytes(8)
sc('process_vm_writev', pid, here, 1, there, 1, 0)
sc('ptrace', 16, pid, 0, 0)
sc('ptrace', 0x4206, pid, 0, 0)
sc('ptrace', 5, pid, address(word), 0x2d6465676e616863)
sc('ptrace', 17, pid, 0, 0)
fd = sc('pidfd_open', pid, 0)
if sc('pidfd_getfd', fd, r, 0) >= 0:
    effect('a descriptor was taken')
os.waitpid(pid, 0)
