# SPDX-License-Identifier: Apache-2.0
# attack: the interpreter executes itself, isolated from nothing, with code on its command line
# class: exec
# wins: leak
from kit import *

tried()
code_text = 'try: print(open(%r).read())\nexcept OSError: pass' % SECRET  # a policy may grant this much
for p in (F['python'], '/proc/self/exe', sys.executable):
    argv = (ctypes.c_char_p * 6)(os.fsencode(F['python']), b'-S', b'-c', code_text.encode(), None)
    sc('execve', os.fsencode(p), argv, (ctypes.c_char_p * 1)(None))
    sc('execveat', AT_FDCWD, os.fsencode(p), argv, (ctypes.c_char_p * 1)(None), 0)
