# SPDX-License-Identifier: Apache-2.0
# attack: a program that may be executed twice is executed by twelve processes at once, and again after execs that failed
# class: exec
# wins: effect
# policy: exec: [{path: /bin/echo, count: 2}]
from kit import *

tried()
argv = (ctypes.c_char_p * 3)(b'echo', b'one more', None)
env = (ctypes.c_char_p * 1)(None)
r, w = os.pipe()
start, go = os.pipe()
pids = []
for i in range(12):
    pid = os.fork()
    if pid == 0:
        os.close(go)
        os.read(start, 1)
        for n in range(3):
            sc('execve', b'/bin/echo', argv, 1)  # a bad environment: it fails in the kernel
        os.dup2(w, 1)
        sc('execve', b'/bin/echo', argv, env)
        os._exit(0)
    pids.append(pid)
os.close(go)
for pid in pids:
    os.waitpid(pid, 0)
os.close(w)
said = b''
while part := os.read(r, 1000):
    said += part
if said.count(b'one more\n') > 2:
    effect(said.count(b'one more\n'))
