# SPDX-License-Identifier: Apache-2.0
# attack: prctl: tracer, death signal, subreaper, dumpable, memory map, user dispatch, speculation
# class: self
# wins: unlogged
# native: n/a: they change the process itself in ways that only a later attack uses
# logged: prctl
from kit import *

tried()
sel = ctypes.c_char(0)
for option, args in ((59, (1, 0, 0, ctypes.byref(sel))), (0x59616d61, (-1, 0, 0, 0)), (4, (1, 0, 0, 0)), (36, (1, 0, 0, 0)),
                     (1, (0, 0, 0, 0)), (35, (1, 0x400000, 0, 0)), (35, (14, 0, 0, 0)), (53, (0, 4, 0, 0)), (24, (21, 0, 0, 0)),
                     (47, (2, 21, 0, 0)), (28, (0x2f, 0, 0, 0)), (65, (0, 0, 0, 0)), (62, (1, 0, 0, 0)), (0x53564d41, (0, 0x100000, 4096, b'x'))):
    sc('prctl', option, *args)
take(SECRET)
