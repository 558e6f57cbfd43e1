# SPDX-License-Identifier: Apache-2.0
# attack: output by sendfile, splice, tee, vmsplice and copy_file_range
# class: output
# wins: limit
# limits: out=200000 wall=8
# verdict: OL TO
from kit import *

src = openat(BOX + '/plain.txt')
r, w = os.pipe()
b = ctypes.create_string_buffer(b'v' * 4096)
tried()
for i in range(3000):
    sc('sendfile', 1, src, ctypes.byref(ctypes.c_long(0)), 6000)
    sc('vmsplice', 1, struct.pack('<QQ', address(b), 4096), 1, 0)
    os.write(w, b.raw)
    sc('splice', r, None, 1, None, 4096, 1)
    sc('read', r, b, 4096) if NATIVE is None else None
    os.set_blocking(r, False)
    sc('tee', r, 1, 4096, 2)
    sc('read', r, ctypes.create_string_buffer(4096), 4096)
    sc('copy_file_range', src, ctypes.byref(ctypes.c_long(0)), 1, None, 6000, 0)
while True:
    os.write(1, b.raw)
