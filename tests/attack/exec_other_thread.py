# SPDX-License-Identifier: Apache-2.0
# attack: a thread that is not the first executes a program: its id becomes the first one's
# class: exec
# wins: leak
# logged: execve
from kit import *

tried()
argv = (ctypes.c_char_p * 3)(b'cat', os.fsencode(SECRET), None)
env = (ctypes.c_char_p * 1)(None)
t = threading.Thread(target=lambda: sc('execve', b'/bin/cat', argv, env))
t.start()
t.join()
take(SECRET)
