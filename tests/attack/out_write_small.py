# SPDX-License-Identifier: Apache-2.0
# attack: a flood of one-byte writes from four threads
# class: output
# wins: limit
# limits: out=20000 wall=15 tasks=16
# verdict: OL
from kit import *

b = ctypes.create_string_buffer(b'y')
tried()
raw = function(RAW, ctypes.c_void_p, ctypes.c_long)
t = (ctypes.c_long * 7)(NR['write'], 1, address(b), 1)
for _ in range(3):
    threading.Thread(target=raw, args=(t, 1 << 40), daemon=True).start()
raw(t, 1 << 40)
