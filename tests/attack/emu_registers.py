# SPDX-License-Identifier: Apache-2.0
# attack: registers after brokered calls: none may show the rewritten call's arguments
# class: emulate
# wins: effect
# native: n/a: nothing is rewritten without a supervisor
from kit import *

# syscall; then the six argument registers are stored behind the table
CODE = ('53' '4889fb' '488b03' '488b7b08' '488b7310' '488b5318' '4c8b5320' '4c8b4328' '4c8b4b30' '0f05'
        '48897b40' '48897348' '48895350' '4c895358' '4c894360' '4c894b68' '5b' 'c3')
call = function(CODE, ctypes.c_void_p)
tried()
path, bad = ctypes.create_string_buffer(os.fsencode(GOOD)), ctypes.create_string_buffer(os.fsencode(SECRET))
how = ctypes.create_string_buffer(24)
st = stat_buf()
for nr, args in (('openat', (AT_FDCWD, address(path), 0, 0)), ('open', (address(path), 0, 0)), ('openat2', (AT_FDCWD, address(path), address(how), 24)),
                 ('openat', (AT_FDCWD, address(bad), 0, 0)), ('newfstatat', (AT_FDCWD, address(path), address(st), 0)), ('chdir', (address(path),)),
                 ('openat', (AT_FDCWD, 0, 0, 0)), ('mmap', (0, 4096, 3, 0x21, -1, 0)), ('socket', (2, 1, 0)), ('execve', (address(bad), 0, 0)),
                 ('openat', (AT_FDCWD, address(ctypes.create_string_buffer(b'/proc/self/fd/0')), 0, 0))):
    t = (ctypes.c_long * 16)(NR[nr], *(list(args) + [77] * (6 - len(args))), 0)
    given = list(t[1:7])
    for _ in range(20):
        call(t)
        if list(t[8:14]) != given:
            effect('%s changed the argument registers: %s -> %s' % (nr, given, list(t[8:14])))
            break
