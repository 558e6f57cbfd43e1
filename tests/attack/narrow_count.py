# SPDX-License-Identifier: Apache-2.0
# attack: a program whose own policy grants another one more often, and with other arguments, than the run's does
# class: narrow
# wins: effect
# policy: process: fork ;; exec: [{path: "%{python}", policy: ./inner.yaml}, {path: /bin/echo, count: 2, argv: ["*"]}]
# inner: process: fork ;; exec: [{path: /bin/echo, count: 100}, /bin/sh]
from kit import *

CODE = '''
import subprocess, sys
def run(*argv):
    try:
        return subprocess.run(argv, capture_output=True).stdout
    except OSError:
        return b''
n = sum(run('/bin/echo', 'more').count(b'more') for i in range(4))
print(n, run('/bin/echo', 'with', 'others').decode(), run('/bin/sh', '-c', 'echo a shell').decode())
'''
tried()
said = ''
for i in range(2):
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(w, 1)
        os.execv(F['python'], [F['python'], '-IS', '-c', CODE])
    os.close(w)
    with open(r) as f:
        said += f.read()
    os.waitpid(pid, 0)
if sum(int(n) for n in said.split() if n.isdigit()) > 2 or 'others' in said or 'shell' in said:
    effect(said.split())
