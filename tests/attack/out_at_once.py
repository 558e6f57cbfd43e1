# SPDX-License-Identifier: Apache-2.0
# attack: many threads write at the same moment, each as much as is left of the limit
# class: output
# wins: limit
# limits: out=1000000 wall=8 tasks=32
# verdict: OL
from kit import *

b = ctypes.create_string_buffer(b'q' * 1000000)
tried()
raw = function(RAW, ctypes.c_void_p, ctypes.c_long)
t = (ctypes.c_long * 7)(NR['write'], 1, address(b), 999000)
for _ in range(16):
    threading.Thread(target=raw, args=(t, 1), daemon=True).start()
time.sleep(0.5)
while True:
    raw(t, 1)
