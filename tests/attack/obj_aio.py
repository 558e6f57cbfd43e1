# SPDX-License-Identifier: Apache-2.0
# attack: AIO reads and writes granted and shared descriptors past the filter
# class: kobj
# wins: unlogged
# native: n/a: it opens nothing that read and write do not
# logged: io_setup
from kit import *

tried()
ctx = ctypes.c_ulong(0)
if sc('io_setup', 4, ctypes.byref(ctx)) == 0:
    b = ctypes.create_string_buffer(b'x' * 4096)
    cb = struct.pack('<QIIHHIQqqQII', 0, 0, 0, 1, 0, 1, address(b), 4096, 0, 0, 0, 0)
    cbb = ctypes.create_string_buffer(cb)
    sc('io_submit', ctx, 1, struct.pack('<Q', address(cbb)))
