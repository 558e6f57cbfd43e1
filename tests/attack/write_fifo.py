# SPDX-License-Identifier: Apache-2.0
# attack: a granted FIFO opened for writing, to talk to whoever reads it outside
# class: write
# wins: effect
from kit import *

tried()
fd = openat(BOX + '/fifo', os.O_RDWR | os.O_NONBLOCK)
if fd >= 0:
    if sc('write', fd, b'x', 1) == 1:
        effect('it wrote into a granted FIFO')
