# SPDX-License-Identifier: Apache-2.0
# attack: openat2 with resolve flags of its own: IN_ROOT, BENEATH, NO_XDEV, CACHED
# class: path
# wins: leak
from kit import *

tried()
root = openat('/', os.O_PATH | os.O_DIRECTORY)
d = openat(BOX, os.O_PATH | os.O_DIRECTORY)
for resolve in (0x10, 0x08, 0x01, 0x20, 0x04, 0x18, 0):
    spill(openat2(SECRET, 0, root, resolve))
    spill(openat2('../box1/twin.txt', 0, d, resolve))
    spill(openat2(BOX + '/abs_out', 0, AT_FDCWD, resolve))
    spill(openat2('abs_out', 0, d, resolve))
