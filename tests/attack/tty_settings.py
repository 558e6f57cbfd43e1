# SPDX-License-Identifier: Apache-2.0
# attack: settings, window size and line discipline of the terminal
# class: tty
# wins: tty
# stdin: tty
from kit import *

tried()
b = ctypes.create_string_buffer(256)
sc('ioctl', 0, 0x5401, b)
old = bytes(b.raw)
for command in (0x5402, 0x5403, 0x5404, 0x5406, 0x5407, 0x5408):
    struct.pack_into('<I', b, 12, struct.unpack_from('<I', old, 12)[0] & ~0o10)
    sc('ioctl', 0, command, b)
sc('ioctl', 0, 0x402c542b, b)
sc('ioctl', 0, 0x5414, struct.pack('<HHHH', 1, 1, 0, 0))
sc('ioctl', 0, 0x5423, ctypes.byref(ctypes.c_int(2)))
sc('ioctl', 0, 0x540b, 2)
