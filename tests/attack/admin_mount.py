# SPDX-License-Identifier: Apache-2.0
# attack: the mount family, old and new
# class: admin
# wins: unlogged
# native: n/a: it would change the mounts of this machine
# logged: mount umount2 pivot_root open_tree move_mount fsopen fsmount fspick
from kit import *

tried()
sc('mount', b'none', os.fsencode(BOX), b'tmpfs', 0, None)
sc('mount', os.fsencode(OUT), os.fsencode(BOX), None, 4096, None)
sc('umount2', os.fsencode(BOX), 2)
sc('pivot_root', os.fsencode(BOX), os.fsencode(BOX))
sc('open_tree', AT_FDCWD, os.fsencode(OUT), 1)
sc('move_mount', 3, b'', AT_FDCWD, os.fsencode(BOX), 4)
sc('fsopen', b'tmpfs', 0)
sc('fsmount', 3, 0, 0)
sc('fspick', AT_FDCWD, os.fsencode(BOX), 0)
sc('mount_setattr', AT_FDCWD, os.fsencode(BOX), 0, bytes(32), 32)
