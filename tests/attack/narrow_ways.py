# SPDX-License-Identifier: Apache-2.0
# attack: a program that was executed under a narrower policy reads what only its caller may: by every kind of path, by descriptors that lead beside it, executed anew, in a child, in a thread
# class: narrow
# wins: leak
# policy: read: ["%A/box1"] ;; process: fork ;; exec: [{path: "%{python}", policy: ./inner.yaml}, /bin/cat]
# inner: process: fork ;; exec: [/bin/cat, "%{python}"]
from kit import *

CODE = r'''
import ctypes, os, subprocess, sys, threading
secret, fds, depth = sys.argv[1], [int(n) for n in sys.argv[2].split(',')], int(sys.argv[3])
home, name = os.path.split(secret)
libc = ctypes.CDLL(None)

def attempt(do):
    try:
        data = do()
        if data:
            os.write(1, data if isinstance(data, bytes) else data.encode())
    except Exception:
        pass

def read(path, flags=os.O_RDONLY, **how):
    fd = os.open(path, flags, **how)
    return os.read(fd, 200)

def inside():
    for path in (secret, '/proc/self/root' + secret, '/proc/thread-self/root' + secret, home + '/./' + name,
                 '/usr/lib/../..' + secret, '//' + secret):
        attempt(lambda: read(path))
        attempt(lambda: read(path, os.O_RDWR))
        attempt(lambda: read('/proc/self/fd/%d' % os.open(path, os.O_PATH)))
        attempt(lambda: os.sendfile(1, os.open(path, 0), 0, 200))
    for fd in fds:
        attempt(lambda: read(name, dir_fd=fd))
        attempt(lambda: read('./' + name, dir_fd=fd))
        attempt(lambda: read('/proc/self/fd/%d' % fd))
        attempt(lambda: read('/dev/fd/%d/%s' % (fd, name)))
        attempt(lambda: read('/proc/self/fd/%d/%s' % (fd, name)))
        attempt(lambda: ' '.join(os.listdir(fd)))
        attempt(lambda: os.fchdir(fd))
        attempt(lambda: read(name))
        attempt(lambda: read('../%s/%s' % (os.path.basename(home), name)))
        attempt(lambda: os.execve in os.supports_fd and None)
    attempt(lambda: os.chdir(home))
    attempt(lambda: read(name))
    attempt(lambda: repr(os.stat(secret)))
    attempt(lambda: ' '.join(os.listdir(home)))

inside()
t = threading.Thread(target=inside)
t.start()
t.join()
pid = os.fork()
if pid == 0:
    inside()
    os._exit(0)
os.waitpid(pid, 0)
for argv in (['cat', secret], ['/bin/cat', '/proc/self/cwd/' + name], [sys.executable, '-c', 'print(open(%r).read())' % secret]):
    attempt(lambda: subprocess.run(argv, capture_output=True).stdout)
    attempt(lambda: subprocess.run(argv, capture_output=True, close_fds=False, preexec_fn=lambda: None).stdout)
if depth:
    os.execv(sys.executable, [sys.executable, '-c', os.environ['CODE'], secret, sys.argv[2], str(depth - 1)])
'''

tried()
fds = []
for flags in (os.O_RDONLY | os.O_DIRECTORY, os.O_PATH):
    for path in (OUT, os.path.dirname(OUT), '/'):
        fd = openat(path, flags)
        if fd >= 0:
            fds.append(fd)
fds.append(openat(SECRET, os.O_PATH))
fds = [fd for fd in fds if fd >= 0]
for fd in fds:
    os.set_inheritable(fd, True)
try:
    os.chdir(OUT)
except OSError:
    pass
os.environ['CODE'] = CODE
os.execv(F['python'], [F['python'], '-c', CODE, SECRET, ','.join(map(str, fds)), '1'])
