# SPDX-License-Identifier: Apache-2.0
# attack: a program under a narrower policy that grants no writing changes files that its caller may write to: by names, by descriptors that were opened to look, by links, shared memory and locks
# class: narrow
# wins: effect
# needs: write
# policy: process: fork ;; exec: [{path: "%{python}", policy: ./inner.yaml}]
# inner: read: ["%A/work"]
from kit import *

CODE = r'''
import mmap, os, sys
at, fds = sys.argv[1], [int(n) for n in sys.argv[2].split(',')]
def attempt(do):
    try: do()
    except (OSError, ValueError): pass
f = at + '/kept'
for flags in (os.O_WRONLY, os.O_RDWR, os.O_WRONLY | os.O_TRUNC, os.O_RDWR | os.O_APPEND, os.O_RDONLY | os.O_TRUNC):
    attempt(lambda: os.write(os.open(f, flags), b'changed'))
attempt(lambda: os.truncate(f, 1))
attempt(lambda: os.rename(f, at + '/moved'))
attempt(lambda: os.link(f, at + '/linked'))
attempt(lambda: os.symlink(f, at + '/link'))
attempt(lambda: os.unlink(f))
attempt(lambda: os.mkdir(at + '/made'))
attempt(lambda: os.chmod(f, 0o777))
attempt(lambda: os.utime(f, (1, 1)))
attempt(lambda: os.open(at + '/new', os.O_CREAT | os.O_WRONLY, 0o600))
attempt(lambda: os.open(at, os.O_TMPFILE | os.O_RDWR, 0o600))
for fd in fds:
    attempt(lambda: os.ftruncate(fd, 1))
    attempt(lambda: os.fchmod(fd, 0o777))
    attempt(lambda: os.utime(fd, (1, 1)))
    attempt(lambda: os.write(fd, b'changed'))
    attempt(lambda: os.write(os.open('/proc/self/fd/%d' % fd, os.O_WRONLY), b'changed'))
    attempt(lambda: os.open('new', os.O_CREAT | os.O_WRONLY, 0o600, dir_fd=fd))
    attempt(lambda: os.unlink('kept', dir_fd=fd))
    attempt(lambda: mmap.mmap(fd, 4, access=mmap.ACCESS_WRITE).__setitem__(0, 99))
'''
at = os.path.dirname(BOX) + '/work'
os.chmod(at, 0o755)
with open(at + '/kept', 'w') as f:
    f.write('kept\n')
os.chmod(at + '/kept', 0o644)
before, were = os.stat(at + '/kept'), sorted(os.listdir(at))
fds = [os.open(at + '/kept', os.O_RDONLY), os.open(at + '/kept', os.O_PATH), os.open(at, os.O_RDONLY), os.open(at, os.O_PATH)]
for fd in fds:
    os.set_inheritable(fd, True)
tried()
pid = os.fork()
if pid == 0:
    os.execv(F['python'], [F['python'], '-IS', '-c', CODE, at, ','.join(map(str, fds))])
os.waitpid(pid, 0)
names = sorted(os.listdir(at))
try:
    st = os.stat(at + '/kept')
    same = (st.st_ino, st.st_mode, st.st_size, st.st_mtime_ns) == \
        (before.st_ino, before.st_mode, before.st_size, before.st_mtime_ns)
except OSError:
    same = False
if names != were or not same:
    effect(names)
