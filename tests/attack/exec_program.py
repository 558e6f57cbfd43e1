# SPDX-License-Identifier: Apache-2.0
# attack: another program is executed: /bin/cat
# class: exec
# wins: leak
# logged: execve
# verdict: OK RE
from kit import *

tried()
argv = (ctypes.c_char_p * 3)(b'cat', os.fsencode(SECRET), None)
env = (ctypes.c_char_p * 1)(None)
for p in (b'/bin/cat', b'/usr/bin/cat', b'/lib64/ld-linux-x86-64.so.2'):
    sc('execve', p, argv, env)
