# SPDX-License-Identifier: Apache-2.0
# attack: named programs in a session of their own, orphaned and stopped, when the program ends
# class: exec
# wins: left
# policy: exec: [/bin/sh, /bin/sleep]
from kit import *

tried()
names = [os.fsencode(k + '=' + v) for k, v in os.environ.items()]
env = (ctypes.c_char_p * (len(names) + 1))(*names, None)
for text in (b'exec <&- >&- 2>&-; sleep 20 & exec sleep 20', b'exec <&- >&- 2>&-; (trap "" 1 2 3 15; kill -STOP $$) & sleep 20'):
    if os.fork() == 0:
        sc('setsid')
        sc('setpgid', 0, 0)
        if os.fork() == 0:
            sc('execve', b'/bin/sh', (ctypes.c_char_p * 4)(b'sh', b'-c', text, None), env)
        os._exit(0)
time.sleep(0.3)
