# SPDX-License-Identifier: Apache-2.0
# attack: the first thread ends, another one executes a program under its id, and the run seems to be ending for ever
# class: exec
# wins: limit
# limits: wall=1
# policy: exec: [/bin/sleep]
from kit import *

tried()
argv = (ctypes.c_char_p * 3)(b'sleep', b'30', None)
env = (ctypes.c_char_p * 1)(None)


def execute():
    time.sleep(0.05)
    sc('execve', b'/bin/sleep', argv, env)


threading.Thread(target=execute).start()
sc('exit', 0)
