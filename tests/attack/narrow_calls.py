# SPDX-License-Identifier: Apache-2.0
# attack: a program under a narrower policy makes calls that this refuses or forbids and the run's does not, sees names that either hides, and uses addresses that only one grants
# class: narrow
# wins: effect
# policy: process: fork ;; hide: ["%A/box0/hidden_by_run"] ;; never: [getrusage] ;; net: {connect: ["127.0.0.1:%{tcp4}"]} ;; exec: [{path: "%{python}", policy: ./inner.yaml}]
# inner: never: [getpriority, sched_getscheduler] ;; refuse: [sysinfo, times] ;; read: ["%A/box0"] ;; hide: ["%A/box0/twin.txt"] ;; net: {connect: ["127.0.0.1:1"], bind: ["127.0.0.1:0"]}
from kit import *

CODE = r'''
import ctypes, os, socket, sys
port, box = int(sys.argv[1]), sys.argv[2]
libc = ctypes.CDLL(None)
won = []
for nr, name in ((98, 'getrusage'), (140, 'getpriority'), (145, 'sched_getscheduler'), (99, 'sysinfo'), (100, 'times')):
    if libc.syscall(nr, 0, ctypes.create_string_buffer(4096), 0, 0) >= 0:
        won.append(name)
try:
    if 'twin.txt' in os.listdir(box): won.append('listed')
except OSError: pass
for kind, port in ((socket.SOCK_STREAM, port), (socket.SOCK_DGRAM, port)):
    try:
        s = socket.socket(socket.AF_INET, kind)
        s.connect(('127.0.0.1', port))
        s.send(b'x')
        won.append('connected')
    except OSError: pass
    try:
        s = socket.socket(socket.AF_INET, kind)
        s.bind(('127.0.0.1', 0))
        won.append('bound')
    except OSError: pass
os.write(1, ('WON:' + ','.join(won) + '\n').encode())
'''
tried()
r, w = os.pipe()
pid = os.fork()
if pid == 0:
    os.dup2(w, 1)
    os.execv(F['python'], [F['python'], '-IS', '-c', CODE, str(F.get('tcp4', 1)), BOX])
os.close(w)
with open(r) as f:
    said = f.read().strip()
os.waitpid(pid, 0)
if said and said != 'WON:':
    effect(said)
