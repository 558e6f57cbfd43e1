# SPDX-License-Identifier: Apache-2.0
# attack: output by writev, pwritev2 and sendmsg-like calls
# class: output
# wins: limit
# limits: out=200000 wall=8
# verdict: OL
from kit import *

b = ctypes.create_string_buffer(b'z' * 65536)
iov = struct.pack('<QQ', address(b), 65536) * 16
tried()
while True:
    sc('writev', 1, iov, 16)
    sc('pwritev2', 1, iov, 16, -1, -1, 0)
