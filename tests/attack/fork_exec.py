# SPDX-License-Identifier: Apache-2.0
# attack: a child executes another program, by fork and by vfork, by name and by descriptor
# class: processes
# wins: leak
# options: --process fork
from kit import *

tried()
argv = (ctypes.c_char_p * 3)(b'cat', os.fsencode(SECRET), None)
env = (ctypes.c_char_p * 1)(None)
for p in (b'/bin/cat', b'/usr/bin/cat'):
    pid = os.fork()
    if pid == 0:
        sc('execve', p, argv, env)
        fd = openat(p.decode(), 0x200000)
        sc('execveat', fd, b'', argv, env, AT_EMPTY_PATH)
        os._exit(0)
    os.waitpid(pid, 0)
try:
    os.waitpid(os.posix_spawn('/bin/cat', ['cat', SECRET], {}), 0)
except OSError:
    pass
loader = (ctypes.c_char_p * 4)(b'ld', b'/bin/cat', os.fsencode(SECRET), None)
if os.fork() == 0:
    sc('execve', b'/lib64/ld-linux-x86-64.so.2', loader, env)
    os._exit(0)
time.sleep(0.2)
