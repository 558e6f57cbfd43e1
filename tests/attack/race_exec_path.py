# SPDX-License-Identifier: Apache-2.0
# attack: a thread flips the path of execve between a harmless program and one that tells
# class: race
# wins: procs unlogged
# native: n/a: the first execve that works replaces the attack
# logged: execve
# needs: race
from kit import *

buf, at, bits = twin_path()
argv = (ctypes.c_char_p * 2)(b'x', None)
tried()
f = Flipper(at, bits)
rounds(lambda i: sc('execve', buf, argv, argv) == 0)
f.end()
