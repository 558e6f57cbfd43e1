# SPDX-License-Identifier: Apache-2.0
# attack: a program under a narrower policy executes one that has another policy, which grants what it may not read: itself, in a child, by descriptor, as a script
# class: narrow
# wins: leak
# options: --scratch
# policy: read: ["%A/box1"] ;; process: fork ;; exec: [{path: "%{python}", policy: ./inner.yaml}, {path: /bin/cat, policy: builtin:pure}, /bin/sh]
# inner: process: fork ;; write: "%{scratch}" ;; exec: [/bin/cat, /bin/sh, "%{python}"]
from kit import *

CODE = r'''
import os, sys
secret = sys.argv[1]
def child(do):
    pid = os.fork()
    if pid == 0:
        try: do()
        except OSError: pass
        os._exit(0)
    os.waitpid(pid, 0)
script = os.environ.get('TMPDIR', '/tmp') + '/s%d' % os.getpid()
try:
    with open(script, 'w') as f: f.write('#!/bin/cat\n')
    os.chmod(script, 0o755)
except OSError: pass
child(lambda: os.execv('/bin/cat', ['cat', secret]))
child(lambda: os.execve(os.open('/bin/cat', os.O_RDONLY), ['cat', secret], {}))
child(lambda: os.execv(script, [script, secret]))
child(lambda: os.execv('/bin/sh', ['sh', '-c', 'exec 2>/dev/null; cat "$1"; read x <"$1"; echo $x', 'sh', secret]))
child(lambda: os.execv('/bin/sh', ['sh', '-c', 'exec /bin/cat "$1" 2>/dev/null', 'sh', secret]))
try: os.execv('/bin/cat', ['cat', secret])
except OSError: pass
'''
tried()
os.execv(F['python'], [F['python'], '-IS', '-c', CODE, SECRET])
