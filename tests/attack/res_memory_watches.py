# SPDX-License-Identifier: Apache-2.0
# attack: memory of the kernel: an epoll instance that watches every file under every number
# class: resources
# wins: effect
# native: n/a: that memory is nobody's; what counts is that it is bounded under proctor
# limits: mem=32 wall=30
from kit import *

import resource
import select
tried()
soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
half = min(soft, 4096) // 2
files = [os.dup(0)] + [sc('eventfd2', 0, 0) for _ in range(half)]
files = [fd for fd in files if 0 <= fd < half + 20]
ep, n = select.epoll(), 0
try:
    for number in range(half + 30, 2 * half - 5):
        for fd in files:
            os.dup2(fd, number)
            ep.register(number, 1)  # stays when the number is taken by another
            n += 1
        if n > 300000:
            break
except OSError as e:
    say(e)
say('WATCHES', n)
if n > 200000:
    effect('%d watches of 200 bytes each' % n)
