# SPDX-License-Identifier: Apache-2.0
# attack: output through duplicates of stdout under other numbers, and stderr
# class: output
# wins: limit
# limits: out=200000 wall=8
# verdict: OL
from kit import *

tried()
fds = [os.dup(1), sc('fcntl', 2, 0, 30), sc('dup2', 1, 200)]
fds.append(openat('/proc/self/fd/1', os.O_WRONLY))
fds.append(openat('/dev/stdout', os.O_WRONLY))
sc('close', 1)
sc('close', 2)
while True:
    for fd in fds:
        if fd >= 0:
            sc('write', fd, b'w' * 8192, 8192)
