# SPDX-License-Identifier: Apache-2.0
# attack: a shell that forks and executes without end
# class: exec
# wins: limit
# limits: tasks=20 wall=5
# policy: exec: [/bin/sh, /bin/sleep]
from kit import *

tried()
env = (ctypes.c_char_p * 1)(None)
text = b'i=0; while [ $i -lt 60 ]; do sleep 3 & i=$((i+1)); done; wait'
sc('execve', b'/bin/sh', (ctypes.c_char_p * 4)(b'sh', b'-c', text, None), env)
