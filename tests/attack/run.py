#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the attacks of this directory: first with no sandbox, where each must win, then under proctor,
where each must be held. Everything that decides is observed from outside the sandbox. See README."""
import argparse
import atexit
import collections
import concurrent.futures
import ctypes
import errno
import fcntl
import fnmatch
import glob
import hashlib
import json
import os
import random
import re
import resource
import secrets
import select
import shlex
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
import traceback

SELF = os.path.abspath(__file__)
HERE = os.path.dirname(SELF)
HELPER = [sys.executable, '-IS', SELF]
FILES = 'file', 'append'  # what stdout may be
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long


def sc(nr, *args):
    r = libc.syscall(ctypes.c_long(nr), *[ctypes.c_long(a) if isinstance(a, int) else a for a in args])
    return r if r != -1 else -ctypes.get_errno()


def put(path, data=b'', mode=0o644):
    if isinstance(data, str):
        data = data.encode()
    with open(path, 'wb') as f:
        f.write(data)
    os.chmod(path, mode)


# ------------------------------------------------------------------ helpers that run as processes of their own

def role_shim(argv):
    """Stands where the supervisor stands when there is none: starts the program, waits, passes its status on."""
    pid = os.fork()
    if pid == 0:
        resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, 64 << 20))
        env = {k: v for k, v in os.environ.items() if k != 'SUPERVISOR_SECRET'}
        os.execve(argv[0], argv, env)
    while True:
        _, status = os.waitpid(pid, 0)
        if not os.WIFSTOPPED(status):
            break
    os._exit(os.waitstatus_to_exitcode(status) & 0xff)


def role_ctty(argv):
    """Makes stdin the controlling terminal and goes on as the command."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.execv(argv[0], argv)


# What a job finds: each is a fact of its own process, or of what processes share.
PROBE = """
import builtins, fcntl, gc, json, os, resource, signal, sys, threading, time, ctypes
def tried(call, *args):
    try: return repr(call(*args))
    except BaseException as e: return type(e).__name__ + str(e)
def offset(fd): return [os.fstat(fd).st_mode, os.lseek(fd, 0, 1), fcntl.fcntl(fd, fcntl.F_GETFL), os.get_inheritable(fd)]
print(json.dumps({
    'stdin': tried(sys.stdin.read), 'environment': dict(os.environ), 'directory': os.getcwd(), 'arguments': sys.argv,
    'descriptors': [tried(offset, fd) for fd in range(64)], 'umask': os.umask(0o22), 'mask': tried(signal.pthread_sigmask, 0, []),
    'handlers': [tried(signal.getsignal, n) for n in range(1, 65)], 'pending': tried(signal.sigpending), 'alarm': signal.getitimer(0),
    'limits': [tried(resource.getrlimit, n) for n in range(16) if n != 7], 'files': resource.getrlimit(7), 'cores': tried(os.sched_getaffinity, 0),
    'nice': tried(os.getpriority, 0, 0), 'scheduler': tried(os.sched_getscheduler, 0), 'cpu': time.process_time() < 1,
    'builtins': sorted(vars(builtins)), 'modules': sorted(sys.modules), 'path': sys.path, 'hash': hash('x'), 'frozen': gc.get_freeze_count() > 0,
    'threads': threading.active_count(), 'lock': tried(lambda: fcntl.flock(os.open('file.txt', os.O_RDONLY), fcntl.LOCK_SH | fcntl.LOCK_NB)),
    'mapped': ctypes.CDLL(None).msync(ctypes.c_void_p(0x200000), 4096, 1), 'listed': sorted(os.listdir('.')),
}))
"""


def role_worker(argv):
    """Does what `proctor run` with the arguments ARGV does, as one job of a batch whose worker does another before it and
    one after it. Those two must find the same."""
    at = argv.index('--')
    proctor, run, program = argv[0], argv[2:at], argv[at + 1:]
    place = {'-o': None, '--verdict': None, '--exit': None, '--stack': None, '--warm': None}
    kept, n = [], 0
    while n < len(run):
        if run[n] in place:
            place[run[n]] = run[n + 1]
        elif run[n] != '-q':
            kept += run[n:n + 2]
        n += 1 if run[n] == '-q' else 2
    out = os.path.dirname(place['--verdict']) + '/batch'
    os.mkdir(out + '.bin')
    os.symlink(program[0], out + '.bin/python3')  # what the batch holds
    os.mkdir(out + '.d')
    program[0] = 'python3'
    probe = out + '.d/probe.py'
    put(probe, PROBE)
    jobs = [{'id': 'before', 'argv': program[:-1] + [probe], 'stdin_text': 'own'},
            {'id': 'attack', 'argv': program, 'stdin_text': sys.stdin.read()},
            {'id': 'after', 'argv': program[:-1] + [probe], 'stdin_text': 'own'}]
    done = subprocess.run([proctor, 'batch', '-q', '-j', '1', '-o', out, '--warm', 'quick', *kept, '-'], check=False,
                          env=dict(os.environ, PATH=out + '.bin:/usr/bin:/bin'),
                          input=''.join(json.dumps(job) + '\n' for job in jobs).encode())
    for name, to in ('verdict.json', place['--verdict']), ('log.jsonl', place['-o']):
        if os.path.exists(out + '/runs/attack/' + name):
            os.rename(out + '/runs/attack/' + name, to)
    for name, stream in ('stderr', sys.stderr), ('stdout', sys.stdout):
        with open(out + '/runs/attack/' + name, 'rb') as f:
            stream.buffer.write(f.read())
    told = []
    for name in 'before', 'after':
        with open(out + '/runs/%s/stdout' % name) as f:
            told.append(f.read())
    with open(place['--verdict']) as f:
        status = json.load(f)['status']
    before, after = (json.loads(text or '{}') for text in told)
    if done.returncode not in (0, 1) or not before or after != before:
        changed = {name: (before[name], after.get(name)) for name in before if after.get(name) != before[name]}
        sys.stderr.write('the jobs before and after it do not find the same: %r' % changed)
        sys.exit(71)
    sys.exit({'OK': 0, 'RE': 10, 'SG': 11, 'TO': 12, 'ML': 13, 'OL': 14, 'PV': 15}.get(status, 70))


def role_victim(argv):
    """A process that is nobody's business: notes each signal it gets; has secrets in memory, in its
    environment and in an open file."""
    log, memory_secret, fd_secret, home = int(argv[0]), argv[1], argv[2], argv[3]
    os.chdir(home)

    def note(sig, frame):
        os.write(log, b'%d\n' % sig)
    for sig in set(range(1, 65)) - {9, 19, 32, 33, 4, 7, 8, 11}:
        signal.signal(sig, note)
    plain = ctypes.create_string_buffer(b'V' * 63)
    secret = ctypes.create_string_buffer(memory_secret.encode())
    fd = os.open(home, os.O_TMPFILE | os.O_RDWR, 0o600)
    os.write(fd, fd_secret.encode() + b'\n')
    print(json.dumps({'vplain': ctypes.addressof(plain), 'vsecret': ctypes.addressof(secret),
                      'vsecret_len': len(memory_secret), 'vfd': fd}), flush=True)
    while True:
        try:
            if not os.read(0, 1):
                return
        except InterruptedError:
            pass


def role_flip(argv):
    """Somebody outside who keeps changing things beneath the granted directory."""
    mode, box, out = argv
    race = box + '/race'
    end = time.monotonic() + 3600
    parent, n = os.getppid(), 0
    if mode == 'map':
        import mmap
        with open(race + '/pathmap', 'r+b') as f:
            m = mmap.mmap(f.fileno(), 4096)
            good, bad = m[:512], m[512:1024]
            while os.getppid() == parent and time.monotonic() < end:
                for _ in range(200):
                    n += 1
                    m[1024:1536] = (good, bad)[n & 1]
        return
    while os.getppid() == parent and time.monotonic() < end:
        for _ in range(100):
            n += 1
            if mode == 'link':
                os.symlink(('twin.txt', '../../' + os.path.basename(out) + '/twin.txt')[n & 1], race + '/new')
                os.rename(race + '/new', race + '/flip')
            elif mode == 'exchange':
                sc(316, -100, (race + '/real').encode(), -100, (race + '/link').encode(), 2)
            elif mode == 'move':
                a, b = race + '/mover', out + '/mover'
                os.rename(*((a, b) if n & 1 else (b, a)))
            for _ in range(n * 7 % 61):
                pass


if len(sys.argv) > 1 and sys.argv[1].startswith('--_'):
    {'--_shim': role_shim, '--_ctty': role_ctty, '--_victim': role_victim, '--_worker': role_worker,
     '--_flip': role_flip}[sys.argv[1]](sys.argv[2:])
    sys.exit(0)


# ------------------------------------------------------------------ an attack's header

FAMILIES = {'leak', 'files', 'victim', 'net', 'left', 'tty', 'stdio', 'log', 'ipc', 'effect', 'lock', 'super',
            'procs', 'state', 'limit', 'scratch', 'unlogged', 'status', 'fds', 'stored'}


class Attack:
    def __init__(self, path, granted):
        self.path, self.name = path, os.path.basename(path)[:-3]
        self.head, where = {}, {}
        with open(path) as f:
            for line in f:
                m = re.match(r'# ([a-z]+)(?: where ([a-z]+))?: (.*)', line)
                if m:
                    head = where if m[2] else self.head
                    if not m[2] or m[2] in granted:
                        head[m[1]] = (head.get(m[1], '') + ' ' + m[3]).strip()
                elif not line.startswith('#'):
                    break
        self.head.update(where)
        g = self.head.get
        self.title, self.cls = g('attack', ''), g('class', '')
        self.wins = dict(w.partition('=')[::2] for w in g('wins', '').split())
        self.native = g('native', '')
        self.needs = set(g('needs', '').split())
        self.stdin, self.stdout = g('stdin', 'pipe'), g('stdout', 'pipe')
        self.limits = dict(w.split('=') for w in g('limits', '').split())
        # NAME or NAME*COUNT: so many refusals of it, at the least
        self.logged = [(w.partition('*')[0], int(w.partition('*')[2] or 1)) for w in g('logged', '').split()]
        self.verdicts = set(g('verdict', '').split())
        self.options = g('options', '').split()  # %A is the arena
        self.policy = g('policy', '')  # rest of a policy, one line of YAML flow style; %A too
        self.inner = g('inner', '')  # the rules of ./inner.yaml, which it may give to programs
        self.problem = None
        if not self.title or not self.cls or not self.wins:
            self.problem = 'its header lacks attack, class or wins'
        elif set(self.wins) - FAMILIES:
            self.problem = 'unknown oracle ' + ' '.join(set(self.wins) - FAMILIES)


# ------------------------------------------------------------------ looking from outside

def text(path):
    try:
        with open(path, 'rb') as f:
            return f.read().decode('latin-1')
    except OSError:
        return ''


def link(path):
    try:
        return os.readlink(path)
    except OSError:
        return ''


def pstat(pid):
    s = text('/proc/%d/stat' % pid)
    if not s:
        return None
    w = s[s.rindex(')') + 2:].split()
    return {'state': w[0], 'ppid': int(w[1]), 'pgrp': w[2], 'sid': w[3], 'nice': w[16], 'rss': int(w[21]) * 4096,
            'policy': w[38]}


def status_field(pid, name):
    m = re.search(r'^%s:\s*(.*)$' % name, text('/proc/%d/status' % pid), re.M)
    return m[1] if m else ''


def children(pid):
    out = []
    for t in glob.glob('/proc/%d/task/*/children' % pid):
        out += [int(c) for c in text(t).split()]
    return out


def descendants(pid):
    out, todo = [], [pid]
    while todo:
        for c in children(todo.pop()):
            if c not in out:
                out.append(c)
                todo.append(c)
    return out


def cpu_seconds(pid):
    w = text('/proc/%d/stat' % pid).rpartition(')')[2].split()
    return (int(w[11]) + int(w[12])) / os.sysconf('SC_CLK_TCK') if w else 0.0


def threads(pid):
    return [int(os.path.basename(t)) for t in glob.glob('/proc/%d/task/*' % pid)]


def alive(pid):
    """Its first thread may be a zombie while others go on."""
    s = pstat(pid)
    return bool(s) and (s['state'] not in 'ZX' or len(threads(pid)) > 1)


def resident(pid):
    return max([(pstat(t) or {'rss': 0})['rss'] for t in threads(pid)[:3]] or [0])


def inode_flags(path):
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return 0
    try:
        b = bytearray(8)
        fcntl.ioctl(fd, 0x80086601, b, True)
        return struct.unpack('<Q', b)[0] & 0x30  # immutable, append
    except OSError:
        return 0
    finally:
        os.close(fd)


def snapshot(arena, skip):
    snap = {}
    top = os.fsencode(arena)
    for root, dirs, files in os.walk(top):
        rel = os.path.relpath(root, top)
        dirs[:] = [d for d in dirs if os.path.normpath(os.path.join(rel, d)) not in skip]
        for n in dirs + files + [b'']:
            p = os.path.join(root, n) if n else root
            r = os.path.normpath(os.path.join(rel, n))
            if r in skip:
                continue
            s = os.lstat(p)
            kind = stat.S_IFMT(s.st_mode)
            x = {'type': kind, 'mode': s.st_mode & 0o7777, 'uid': s.st_uid, 'gid': s.st_gid, 'mtime': s.st_mtime_ns,
                 'ctime': s.st_ctime_ns, 'links': s.st_nlink, 'size': s.st_size, 'rdev': s.st_rdev}
            try:
                x['xattr'] = sorted((a, os.getxattr(p, a, follow_symlinks=False))
                                    for a in os.listxattr(p, follow_symlinks=False))
            except OSError:
                pass
            if kind == stat.S_IFLNK:
                x['target'] = os.readlink(p)
            elif kind in (stat.S_IFREG, stat.S_IFDIR):
                x['flags'] = inode_flags(p)
            if kind == stat.S_IFREG and s.st_size < 1 << 20:
                try:
                    with open(p, 'rb') as f:
                        x['content'] = hashlib.sha256(f.read()).hexdigest()
                except OSError:
                    pass
            snap[r] = x
    return snap


def snapshot_diff(a, b):
    out = []
    for k in sorted(set(a) | set(b)):
        n = k.decode('latin-1')
        if k not in a:
            out.append('created ' + n)
        elif k not in b:
            out.append('removed ' + n)
        elif a[k] != b[k]:
            out.append('changed %s (%s)' % (n, ' '.join(f for f in {**a[k], **b[k]} if a[k].get(f) != b[k].get(f))))
    return out


def slowness():
    """How much longer things may take because the machine has other work as well."""
    return min(4.0, max(1.0, os.getloadavg()[0] / os.cpu_count()))


def token(n=12):
    return secrets.token_hex(n)


# ------------------------------------------------------------------ one run of one attack

class Run:
    def __init__(self, attack, opts, native):
        self.a, self.o, self.native = attack, opts, native
        self.won_by, self.crashed, self.odd = [], [], []
        self.tokens, self.helpers, self.fds = {}, [], []
        self.stop = threading.Event()
        self.out, self.err, self.nout = bytearray(), bytearray(), 0
        self.tried, self.rounds, self.elapsed = False, None, 0.0
        self.verdict = None
        self.proc = None
        self.seen_pids, self.seen_state, self.looks = set(), {}, 0
        self.max_rss = 0
        self.lim = {'wall': 10.0, 'cpu': 0.0, 'mem': 0, 'out': 0, 'tasks': 0}
        if 'race' in attack.needs:
            self.lim['wall'] = opts.race_seconds + 10.0
        for k, v in attack.limits.items():
            self.lim[k] = float(v)

    def need(self, what):
        return what in self.a.needs

    def judges(self, family):
        return family in self.a.wins

    def won(self, family, what):
        if (family, what) not in self.won_by:
            self.won_by.append((family, what))

    def hide(self, what, prefix):
        """A token that must not come out."""
        t = prefix + token()
        self.tokens[t.encode()] = what
        return t

    # ---- the arena
    def build(self):
        self.arena = A = tempfile.mkdtemp(prefix='proctor-attack-', dir=self.o.tmp)
        os.chmod(A, 0o755)
        self.nonce = token(6)
        box, out = A + '/box0', A + '/box1'
        for d in ('box0', 'box0/sub', 'box0/sub/deeper', 'box0/box1', 'box0/a', 'box0/a/b', 'box0/race',
                  'box0/race/real', 'box0/odd', 'box0secret', 'box1', 'box1/exist', 'box1/sub', 'box1/sub/deeper',
                  'prey', 'prey/empty', 'log'):
            os.mkdir(A + '/' + d)
        secret = self.hide('the secret file', 'SECRET-')
        put(box + '/twin.txt', 'TWIN harmless\n')
        put(box + '/plain.txt', 'plain\n' * 1000)
        put(box + '/data.bin', bytes(range(256)) * 64)
        put(box + '/sub/inner.txt', 'TWIN inner\n')
        put(box + '/box1/twin.txt', 'TWIN nested\n')
        put(box + '/a/b/note.txt', 'TWIN note\n')
        put(box + '/race/twin.txt', 'TWIN race\n')
        put(box + '/race/real/twin.txt', 'TWIN real\n')
        put(box + '/sized.bin', b'x' * 10)
        put(out + '/twin.txt', secret + '\n')
        if self.need('hidden'):
            os.makedirs(box + '/hidden/deep')
            put(box + '/hidden/twin.txt', secret + '\n')
            put(box + '/hidden/deep/twin.txt', secret + '\n')
            put(box + '/hidden.txt', secret + '\n')
            os.symlink('hidden/twin.txt', box + '/odd_hidden')
            os.symlink('hidden', box + '/odd_hidden_dir')
        put(A + '/box0secret/twin.txt', secret + '\n')
        put(A + '/box0.txt', secret + '\n')
        put(os.fsencode(out) + b'/caf\xe9\xff.txt', secret + '\n')
        put(out + '/' + self.hide('a name in a directory', 'name-'))
        target = self.hide('the text of a link', 'target-')
        os.symlink(target, out + '/link')
        os.symlink('harmless', box + '/link')
        size = 1000000 + secrets.randbelow(8999999)
        self.tokens[b'SIZE=%d' % size] = 'the size of a file'
        put(out + '/sized.bin')
        os.truncate(out + '/sized.bin', size)
        put(out + '/marked.txt')
        try:
            os.setxattr(out + '/marked.txt', 'user.mark', self.hide('an extended attribute', 'XATTR-').encode())
        except OSError:
            pass
        bits = ''.join(secrets.choice('01') for _ in range(32))
        self.tokens[b'BITS=' + bits.encode()] = 'which files exist'
        for i, b in enumerate(bits):
            if b == '1':
                os.mkdir(out + '/exist/e%02d' % i)
        for i in range(32):
            os.symlink('../../box1/exist/e%02d' % i, box + '/odd/x%02d' % i)
        for target, name in (('../box1/twin.txt', 'rel_out'), (out + '/twin.txt', 'abs_out'), ('../box1', 'dir_out'),
                             (out, 'abs_dir_out'), ('chain2', 'chain'), ('sub/../rel_out', 'chain2'),
                             ('/proc/self/root' + out + '/twin.txt', 'proc_root'), ('/proc/self/cwd', 'proc_cwd'),
                             ('/proc/self/fd', 'proc_fd'), ('/proc/thread-self/root', 'thread_root'),
                             ('loop', 'loop'), ('sub', 'sublink'), ('../..', 'sub/up'), ('/', 'rootlink'),
                             ('../box1/created.txt', 'dangling'), ('twin.txt', 'odd/self'), ('..', 'odd/parent')):
            os.symlink(target, box + '/' + name)
        os.symlink(b'../box1/caf\xe9\xff.txt', os.fsencode(box) + b'/caf\xe9\xff')
        for i in range(42):  # l00 -> l01 -> … -> the secret
            os.symlink('l%02d' % (i + 1) if i < 41 else '../../box1/twin.txt', box + '/odd/l%02d' % i)
        os.symlink('twin.txt', box + '/race/flip')
        os.symlink('../../box1', box + '/race/link')
        if self.need('move'):
            os.mkdir(box + '/race/mover')
            put(box + '/race/mover/here.txt', 'TWIN\n')
        os.mkfifo(box + '/fifo')
        if self.need('elf'):
            self.build_elves(box + '/odd')
        if self.need('write'):
            self.build_work(A + '/work', out)
        put(A + '/prey/file.txt', 'prey\n')
        put(A + '/prey/other.txt', 'other prey\n')
        self.headline = self.hide('earlier content of the log that stdout goes to', 'HEADLINE-')
        put(A + '/out.log', self.headline + '\n' * 100)
        if self.need('map'):
            g, b = (box + '/twin.txt').encode(), (out + '/twin.txt').encode()
            put(box + '/race/pathmap', g.ljust(512, b'\0') + b.ljust(512, b'\0') + g.ljust(512, b'\0') + bytes(2560))
        shutil.copyfile(HERE + '/kit.py', box + '/kit.py')
        self.script = box + '/' + self.a.name + '.py'
        shutil.copyfile(self.a.path, self.script)
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self.facts = {'native': self.native, 'nonce': self.nonce, 'arena': A, 'box': box, 'out': out, 'prey': A + '/prey',
                      'rounds': self.o.rounds, 'race_s': self.o.race_seconds, 'hold_s': 0.15 * slowness(), 'bits': 32,
                      'reserved': min(soft, 4096) - 64 if self.native else soft,
                      'looks': box + '/race/looks', 'log': A + '/log/run.jsonl', 'python': self.o.python, 'limit': self.lim,
                      'granted': sorted(self.o.granted)}
        if self.observed() or self.judges('lock'):
            put(self.facts['looks'])
        self.skip = {b'log', b'box0/race', b'out.log', b'box1/mover'}
        if self.need('write'):
            self.facts['work'] = A + '/work'
            self.skip |= {b'work'}
        if self.need('move'):
            self.skip |= {b'box1'}

    def build_work(self, work, out):
        """What a write rule grants, with a part in it (fixed) that other rules may speak of, and what somebody else
        has put there: a FIFO, links that lead out, a directory to be exchanged with one."""
        for d in ('', '/sub', '/sub/deeper', '/fixed', '/fixed/in', '/swap'):
            os.mkdir(work + d)
        put(work + '/file.txt', 'work\n')
        put(work + '/swap/twin.txt', 'TWIN swap\n')
        put(work + '/swap/file.txt', 'work\n')
        put(work + '/fixed/twin.txt', self.hide('a hidden part of what may be written to', 'SECRET-') + '\n')
        put(work + '/fixed/in/file.txt', 'fixed\n')
        os.symlink('../box1', work + '/out')
        os.symlink('../prey', work + '/link')
        os.symlink('../prey/created', work + '/dangling')
        os.mkfifo(work + '/fifo')

    def work_state(self):
        work = self.facts['work']
        return snapshot(work + '/fixed', set()), os.stat(work).st_ino, os.lstat(work + '/fixed').st_ino

    def judge_work(self):
        """What a write rule never grants: devices, sockets and more FIFOs, set-id bits, other owners, attributes, second
        names of what lies elsewhere; and the granted directory itself and the part that other rules speak of stay."""
        work = self.facts['work']
        try:
            after = self.work_state()
        except OSError as e:
            self.won('files', 'of what may be written to: %s' % e)
            return
        for what in snapshot_diff(self.work_before[0], after[0]):
            self.won('files', 'in the fixed part: ' + what)
        if after[1:] != self.work_before[1:]:
            self.won('files', 'the granted directory or its fixed part is another one')
        names = collections.Counter()
        for name, x in snapshot(work, set()).items():
            name = name.decode('latin-1')
            if x['type'] not in (stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK) and name != 'fifo':
                self.won('files', 'made a special file ' + name)
            if x['mode'] & 0o6000 and x['type'] != stat.S_IFLNK:
                self.won('files', 'set-id bits on ' + name)
            if x['uid'] != os.getuid() or x.get('xattr'):
                self.won('files', 'owner or attributes of ' + name)
            if x['type'] == stat.S_IFREG and x['links'] > 1:
                st = os.lstat(work + '/' + name)
                names[st.st_ino, st.st_nlink] += 1
        for (_, links), found in names.items():
            if found != links:
                self.won('files', 'a second name of what lies elsewhere')

    def build_elves(self, where):
        """A submission can hold any bytes: shared objects that are damaged in every part."""
        rnd = random.Random(self.o.seed)
        lib = subprocess.run([self.o.python, '-Sc', 'import _ctypes; print(_ctypes.__file__)'],
                             stdout=subprocess.PIPE, text=True).stdout.strip()
        with open(lib if os.path.isfile(lib) else '/lib/x86_64-linux-gnu/libm.so.6', 'rb') as f:
            whole = f.read()
        headers = [i for i in range(0, 64)] + [i for i in range(64, 64 + 56 * 12)]
        for n in range(60):
            data = bytearray(whole)
            for _ in range(rnd.choice((1, 4, 30, 300))):
                at = rnd.choice(headers) if n % 3 == 0 else rnd.randrange(len(data))
                data[at] = rnd.choice((0, 1, 0x7f, 0x80, 0xff, rnd.randrange(256)))
            if n % 3 == 1:  # offsets, sizes and addresses as large as they get
                for _ in range(4):
                    at = rnd.randrange(0, len(data) - 8) // 8 * 8 if rnd.random() < .5 else rnd.choice(headers) // 8 * 8
                    data[at:at + 8] = struct.pack('<Q', rnd.choice((2**64 - 1, 2**63, 2**47, 2**32, len(data), len(data) - 1)))
            if n % 7 == 0:
                data = data[:rnd.randrange(4096, len(data))]
            name = ('lib%02d.so', 'libpython3.11.so.1.0.%02d', 'python3.%02d', 'libpython3.%d.so.1.0')[n % 4] % n
            put(where + '/' + name, bytes(data))

    def start_victim(self):
        r, self.victim_w = os.pipe()
        self.victim_log = r
        os.set_blocking(r, False)
        self.fds.append(r)
        env = {'VICTIM_ENV': self.hide("the victim's environment", 'VENV-')}
        args = [str(self.victim_w), self.hide("the victim's memory", 'VMEM-'), self.hide("the victim's open file", 'VFD-'),
                self.facts['prey']]
        self.victim = subprocess.Popen(HELPER + ['--_victim'] + args, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       pass_fds=[self.victim_w], env=env, start_new_session=True)
        os.close(self.victim_w)
        self.helpers.append(self.victim)
        self.facts.update(json.loads(self.victim.stdout.readline()))
        self.facts['vpid'] = self.victim.pid
        self.victim_before = self.victim_state()

    def victim_state(self):
        p = self.victim.pid
        s = pstat(p)
        if not s or s['state'] in 'ZX':
            return {'life': 'dead'}
        d = {'life': 'stopped' if s['state'] in 'Tt' else 'running', 'nice': s['nice'], 'policy': s['policy'],
             'pgrp': s['pgrp'], 'sid': s['sid'], 'limits': text('/proc/%d/limits' % p),
             'oom': text('/proc/%d/oom_score_adj' % p), 'ioprio': sc(252, 1, p),
             'affinity': sorted(os.sched_getaffinity(p)), 'tracer': status_field(p, 'TracerPid')}
        try:
            with open('/proc/%d/mem' % p, 'rb', 0) as m:
                m.seek(self.facts['vplain'])
                d['memory'] = m.read(63)
        except OSError:
            pass
        return d

    def judge_victim(self):
        now = self.victim_state()
        for k, v in self.victim_before.items():
            if now.get(k) != v:
                self.won('victim', 'the victim is %s' % now['life'] if k == 'life' else "the victim's %s changed" % k)
        try:
            got = os.read(self.victim_log, 4096).split()
        except OSError:
            got = []
        if got:
            self.won('victim', 'the victim got signal ' + ', '.join(sorted({g.decode() for g in got})))

    def start_net(self):
        self.listeners = {}

        def listen(name, family, kind, addr):
            try:
                s = socket.socket(family, kind)
                s.bind(addr)
            except OSError:
                return
            if kind == socket.SOCK_STREAM:
                s.listen(8)
            s.setblocking(False)
            self.listeners[s] = name
            self.facts[name] = s.getsockname()[1] if family in (socket.AF_INET, socket.AF_INET6) else addr
        st, dg, u = socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.AF_UNIX
        listen('tcp4', socket.AF_INET, st, ('127.0.0.1', 0))
        listen('udp4', socket.AF_INET, dg, ('127.0.0.1', 0))
        listen('tcp6', socket.AF_INET6, st, ('::1', 0))
        listen('udp6', socket.AF_INET6, dg, ('::1', 0))
        listen('unix', u, st, self.arena + '/box1/s')
        listen('unix_dgram', u, dg, self.arena + '/box1/d')
        listen('unix_granted', u, st, self.arena + '/box0/s')
        listen('abstract', u, st, '\0proctor-attack-' + self.nonce)
        # What the attack may reach: reaching it wins nothing, bringing descriptors in or out does.
        listen('service4', socket.AF_INET, st, ('127.0.0.1', 0))
        listen('service_udp', socket.AF_INET, dg, ('127.0.0.1', 0))
        listen('service_unix', u, st, self.arena + '/box1/service')
        listen('service_dgram', u, dg, self.arena + '/box1/service_dgram')

        def loop():
            while not self.stop.is_set():
                for s in select.select(list(self.listeners), [], [], 0.05)[0]:
                    name = self.listeners[s]
                    try:
                        if name.startswith('service'):
                            self.serve(s)
                        elif s.type == socket.SOCK_STREAM:
                            s.accept()[0].close()
                            self.won('net', 'a connection came to ' + name)
                        else:
                            s.recv(65536)
                            self.won('net', 'a datagram came to ' + name)
                    except OSError:
                        pass
        self.net_thread = threading.Thread(target=loop, daemon=True)
        self.net_thread.start()

    def serve(self, s):
        if s.type == socket.SOCK_STREAM:
            s = s.accept()[0]
            s.settimeout(2)
        if s.family == socket.AF_UNIX and s.type == socket.SOCK_STREAM:
            with open(self.arena + '/box1/twin.txt', 'rb') as secret:
                s.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack('i', secret.fileno()))])
            if socket.recv_fds(s, 16, 4)[1]:
                self.won('net', 'descriptors came to the service')
        elif s.type == socket.SOCK_DGRAM and s.family == socket.AF_UNIX:
            if socket.recv_fds(s, 16, 4)[1]:
                self.won('net', 'descriptors came to the service')
        elif s.type == socket.SOCK_DGRAM:
            s.recv(65536)
        if s.type == socket.SOCK_STREAM:
            s.close()

    def start_lock(self):
        path = self.arena + '/box0/twin.txt'

        def loop():
            while not self.stop.is_set():
                tried = self.tried_now()
                try:
                    os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
                    fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
                except BlockingIOError:
                    self.won('lock', 'a lease delays an open from outside')
                    self.tell_looks()
                    continue
                try:
                    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    fcntl.flock(fd, fcntl.LOCK_UN)
                    fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    fcntl.lockf(fd, fcntl.LOCK_UN)
                except OSError:
                    self.won('lock', 'a lock on a granted file is held')
                os.close(fd)
                if tried:
                    self.tell_looks()
                time.sleep(0.02)
        threading.Thread(target=loop, daemon=True).start()

    def start_futex(self):
        """Somebody outside who sleeps on one word of a granted file, and wakes whoever sleeps on another."""
        path, word = self.arena + '/box0/data.bin', 0x03020100
        libc.mmap.restype = ctypes.c_void_p
        libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        at = libc.mmap(None, 4096, 1, 1, fd, 0)
        os.close(fd)

        def sleep():
            while not self.stop.is_set():
                if sc(202, at, 0, word, struct.pack('<QQ', 0, 50000000), None, 0) == 0:
                    self.won('victim', 'a wait on a granted file, outside, was woken')
                    return

        def wake():
            while not self.stop.is_set():
                sc(202, at + 256, 1, 1, None, None, 0)
                time.sleep(0.0002)
        for loop in (sleep, wake):
            threading.Thread(target=loop, daemon=True).start()
        time.sleep(0.1)

    # ---- watching the program while it runs
    def of_run(self):
        """The processes of the run: what proctor has started, and what a pool has forked and proctor traces."""
        found = descendants(self.proc.pid)
        if self.o.warm and not self.native:
            for p in children(self.o.pool):
                if status_field(p, 'TracerPid') == str(self.proc.pid):
                    found += [p] + descendants(p)
        return found

    def program_pids(self):
        if self.mark is None:
            return []
        return [p for p in descendants(self.proc.pid) + self.marked() if alive(p)]

    def marked(self):
        out = []
        for d in os.listdir('/proc'):
            if d.isdigit() and int(d) not in (os.getpid(), self.proc.pid):
                env = text('/proc/%s/environ' % d)
                if not env:  # the kernel's, or the first thread is gone
                    env = ''.join(text('/proc/%s/task/%d/environ' % (d, t)) for t in threads(int(d))[1:2])
                if self.mark in env:
                    out.append(int(d))
        return out

    def state_of(self, pid, field):
        if field.startswith('ns/') or field in ('root', 'cwd'):
            return link('/proc/%d/%s' % (pid, field))
        if field in ('personality', 'oom_score_adj', 'limits', 'comm', 'coredump_filter', 'timerslack_ns'):
            return text('/proc/%d/%s' % (pid, field)).strip()
        if field in ('sid', 'pgrp', 'nice'):
            return (pstat(pid) or {}).get(field, '')
        if field == 'affinity':
            return str(sorted(os.sched_getaffinity(pid)))
        return status_field(pid, field)

    def look_scratch(self, pid):
        """What /proc/PID/maps says of the scratch mapping, and whether somebody scrawled into it."""
        maps = text('/proc/%d/maps' % pid)
        spans = [([int(x, 16) for x in l.split()[0].split('-')], l) for l in maps.splitlines()]
        facts = ' | '.join(re.sub(r'\s+', ' ', l) for (a, b), l in spans if a < 0x200000 and b > 0x100000)
        # a process that is ending has no maps at all
        if facts or (len(spans) > 8 and ('scratch', pid) in self.seen_state):
            self.seen_state.setdefault(('scratch', pid), []).append(facts)
        try:
            with open('/proc/%d/mem' % pid, 'rb', 0) as m:
                m.seek(0x100000)
                if b'SCRAWL-' + self.nonce.encode() in m.read(0x100000):
                    self.won('scratch', "the attack's bytes are in the scratch")
        except (OSError, ValueError):
            pass

    def stored(self, pids):
        """{file: (bytes by its length, bytes by its blocks)} of what may be written to, and the number of its names:
        what lies there, and what has no name any more and is open in one of PIDS, or mapped (only root sees that)."""
        work, found, names = self.arena + '/work', {}, 0

        def note(st):
            if not stat.S_ISDIR(st.st_mode):
                found[st.st_dev, st.st_ino] = (st.st_size, st.st_blocks * 512)
        for root, dirs, files in os.walk(work):
            for n in dirs + files:
                try:
                    note(os.lstat(root + '/' + n))
                    names += 1
                except OSError:
                    pass
        for fd in [fd for p in pids for kind in ('fd', 'map_files') for fd in glob.glob('/proc/%d/%s/*' % (p, kind))]:
            where = link(fd)
            if where.startswith(work + '/') and where.endswith(' (deleted)'):
                try:
                    note(os.stat(fd))
                except OSError:
                    pass
        return found, names

    def look_stored(self, pids):
        """A look takes its time, and files come and go meanwhile: what was there in both of two looks was stored at
        once. Blocks may be twice as many, for file systems that store ahead."""
        limit, _, most = self.a.wins['stored'].partition(',')
        (one, names), (two, again) = self.stored(pids), self.stored(pids)
        before, names_before = self.stored_before
        sums = [sum(max(0, min(one[f][i], two[f][i]) - before.get(f, (0, 0))[i]) for f in one.keys() & two.keys())
                for i in (0, 1)]
        if sums[0] > int(limit) or sums[1] > 2 * int(limit):
            self.won('stored', 'more than %s bytes are stored' % limit)
        if most and min(names, again) - names_before > int(most):
            self.won('stored', 'there are more than %s new names' % most)

    def observed(self):
        return any(self.judges(f) for f in ('procs', 'state', 'scratch', 'limit', 'fds', 'super', 'stored'))

    def observe(self):
        fields = [f for f in self.a.wins.get('state', '').split(',') if f]
        end_scan, marked = 0.0, []
        while not self.stop.is_set():
            tried = self.tried_now()
            try:
                pids = [p for p in descendants(self.proc.pid) if alive(p)]
                # A pool's child is no descendant of the run's.
                if (self.judges('procs') or self.o.warm) and time.monotonic() > end_scan:
                    marked = [p for p in self.marked() if p not in pids]
                    end_scan = time.monotonic() + 0.1
                pids += [p for p in marked if p not in pids and alive(p)]
                # One that ends just now has no file; the leak sanitizer looks from a process of its own.
                self.seen_pids |= {p for p in pids if link('/proc/%d/exe' % p) not in ('', self.o.proctor)}
                if self.judges('super') and not self.native and not self.o.sanitized and resident(self.proc.pid) > 32 << 20:
                    self.won('super', 'the supervisor has grown beyond 32 MiB')
                self.max_rss = max(self.max_rss, sum(resident(p) for p in pids))
                for p in pids:
                    # before its exec it is proctor, and on its way to what it shall be
                    for f in fields if link('/proc/%d/exe' % p) != self.o.proctor else ():
                        v = self.state_of(p, f)
                        if v:
                            self.seen_state.setdefault((f, p), []).append(v)
                    if self.judges('scratch') and tried:
                        self.look_scratch(p)
                    if self.judges('fds'):
                        for f in glob.glob('/proc/%d/fd/*' % p):
                            if self.a.wins['fds'] in link(f):
                                self.won('fds', 'the program has ' + link(f))
                    if self.judges('limit') and self.lim['tasks']:
                        n = len(os.listdir('/proc/%d/task' % p))
                        if n > self.lim['tasks'] + 1:  # one more exists, stopped, until it is killed
                            self.won('limit', '%d threads, limit %d' % (n, self.lim['tasks']))
                if self.judges('limit') and self.lim['tasks']:
                    # of each thread that makes one there may be one more, stopped, until all are killed
                    n = sum(len(threads(p)) for p in pids)
                    if n > 2 * self.lim['tasks'] + 1:
                        self.won('limit', '%d threads in all, limit %d' % (n, self.lim['tasks']))
                if self.judges('stored'):
                    self.look_stored(pids)
                if tried and self.seen_pids.intersection(pids):
                    self.tell_looks()
            except (OSError, ValueError, KeyError):
                pass
            time.sleep(0.02)

    def tell_looks(self):
        """How often this was looked at from outside, for an attack that holds still until it was (hold()
        of the kit). A size, so that whoever reads it sees no half of it."""
        self.looks += 1
        with open(self.facts['looks'], 'ab') as looks:
            looks.write(b'.')

    def tried_now(self):
        return b'TRIED' in self.out or self.a.stdout in FILES

    def judge_observed(self):
        if self.judges('procs') and len(self.seen_pids) > 1:
            self.won('procs', '%d processes of the program were seen' % len(self.seen_pids))
        for (f, _), vs in self.seen_state.items():
            changes = len(set(vs))
            if f == 'scratch':
                if changes > 1:
                    self.won('scratch', 'the mapping changed: ' + ' / '.join(v or 'gone' for v in dict.fromkeys(vs))[:160])
            elif changes > 1:
                self.won('state', '%s changed: %s' % (f, ' / '.join(' '.join(v.split()) for v in dict.fromkeys(vs))[:120]))
        if self.judges('limit') and self.lim['mem'] and self.max_rss > self.lim['mem'] * (5 << 18) + (32 << 20):
            self.won('limit', '%d MiB resident, limit %d' % (self.max_rss >> 20, self.lim['mem']))

    # ---- the command
    def command(self):
        program = [self.o.python, '-S', '-E', '-B', self.script]
        if self.native:
            return HELPER + ['--_shim'] + program
        lim = self.lim
        args = ['run', '-r', self.arena + '/box0', '-o', self.facts['log'],
                '--verdict', self.arena + '/log/verdict.json', '--exit', 'verdict',
                '--env', 'ARENA_MARK=' + self.mark, '--wall', '%gs' % lim['wall']]
        for opt, key, unit in (('--cpu', 'cpu', 's'), ('--memory', 'mem', 'MiB'), ('--output', 'out', 'B'),
                               ('--tasks', 'tasks', '')):
            if lim[key]:
                args += [opt, ('%g%s' if key == 'cpu' else '%d%s') % (lim[key], unit)]
        if self.need('race'):
            args += ['--calls', 'denied', '--stack', 'none']
        if self.need('race') or self.a.policy:
            args += ['-p', self.write_policy()]
        elif self.o.policy:
            args += ['-p', self.o.policy]
        if self.a.cls == 'log':
            args += ['-v', '--live', self.arena + '/log/live.txt']
        if self.need('write') and not self.judges('stored'):  # its policy has the rule, with a quota
            args += ['-w', self.arena + '/work']
        args += [self.fill(w) for w in self.a.options] + shlex.split(self.o.options)
        return (HELPER + ['--_worker'] if self.o.worker else []) + [self.o.proctor] + args + ['--'] + program

    def fill(self, text):
        """TEXT with %A, the arena, and %{NAME}, a port of it."""
        text = text.replace('%A', self.arena)
        return re.sub(r'%\{(\w+[46p])\}', lambda m: str(self.facts.get(m.group(1), 1)), text)

    def write_policy(self):
        rules = self.fill(self.a.policy) or 'log: {max: 512MiB, on_full: drop}'
        put(self.arena + '/log/policy.yaml', 'version: 1\nname: attack\nextends: %s\n%s\n' %
            (json.dumps(self.o.policy or 'builtin:pure'), rules.replace(' ;; ', '\n')))
        if self.a.inner:
            put(self.arena + '/log/inner.yaml', 'version: 1\nname: inner\nextends: builtin:python\n%s\n' %
                self.fill(self.a.inner).replace(' ;; ', '\n'))
        return self.arena + '/log/policy.yaml'

    def start(self):
        a = self.a
        self.mark = 'mark-' + token()
        env = dict(os.environ, SUPERVISOR_SECRET=self.hide("the supervisor's environment", 'SENV-'))
        env['ARENA_MARK'] = self.mark if self.native else ''
        cmd, pass_fds = self.command(), []
        if a.stdin == 'tty':
            self.master, slave = os.openpty()
            self.fds += [self.master, slave]
            self.tty_before = termios.tcgetattr(slave), fcntl.fcntl(slave, fcntl.F_GETFL)
            fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
            self.slave, sin = slave, slave
            cmd = HELPER + ['--_ctty'] + cmd
        elif a.stdin == 'file':
            put(self.arena + '/stdin.json', json.dumps(self.facts) + '\n')
            sin = os.open(self.arena + '/stdin.json', os.O_RDONLY)
            self.fds.append(sin)
        else:
            sin, feed = os.pipe()
        if a.stdout in FILES:
            sout = os.open(self.arena + '/out.log', os.O_WRONLY | (os.O_APPEND if a.stdout == 'append' else 0))
            os.lseek(sout, 0, os.SEEK_END)
            out_r = None
        elif a.stdout == 'tty':
            sout, out_r = os.dup(self.slave), None
        elif a.stdout == 'socket':
            near, far = socket.socketpair()
            out_r, sout = near.detach(), far.detach()
        else:
            out_r, sout = os.pipe()
        err_r, serr = os.pipe()
        if self.need('inherit'):
            pass_fds = self.inherit()
        self.before = snapshot(self.arena, self.skip)
        if self.need('write'):
            self.work_before = self.work_state()
            self.stored_before = self.stored([])
        self.stdio_fd = sout
        self.stdio_before = self.stdio_state()
        self.t0 = time.monotonic()
        self.proc = subprocess.Popen(cmd, stdin=sin, stdout=sout, stderr=serr, env=env, cwd=self.arena + '/box0',
                                     pass_fds=pass_fds, start_new_session=a.stdin != 'tty')
        os.close(serr)
        if a.stdin == 'pipe' or a.stdin == 'hold':
            os.close(sin)
        self.facts['super'] = self.proc.pid
        self.drains = [threading.Thread(target=self.drain, args=(fd, buf), daemon=True)
                       for fd, buf in ((out_r, self.out), (err_r, self.err)) if fd is not None]
        for t in self.drains:
            t.start()
        if self.observed():
            self.observer = threading.Thread(target=self.observe, daemon=True)
            self.observer.start()
        line = (json.dumps(self.facts) + '\n').encode()
        if a.stdin == 'tty':
            os.write(self.master, line)
            threading.Thread(target=self.drain, args=(os.dup(self.master), self.out if a.stdout == 'tty' else
                                                      bytearray()), daemon=True).start()
        elif a.stdin != 'file':
            try:
                os.write(feed, line)
            except BrokenPipeError:
                pass
            if a.stdin == 'hold':
                self.fds.append(feed)
            else:
                os.close(feed)

    def inherit(self):
        """Descriptors that whoever started proctor left open."""
        t = self.hide('an inherited descriptor', 'INHERIT-')
        put(self.arena + '/prey/inherited', t + '\n')
        nums = []
        for n, (path, flags) in enumerate((('prey/inherited', os.O_RDONLY), ('box1', os.O_RDONLY | os.O_DIRECTORY),
                                           ('prey/file.txt', os.O_RDWR))):
            fd = os.open(self.arena + '/' + path, flags)
            nums.append(fd)
            self.fds.append(fd)
        self.facts['inherited'] = nums
        return nums

    def stdio_state(self):
        fd = self.stdio_fd
        s = {'flags': fcntl.fcntl(fd, fcntl.F_GETFL), 'owner': fcntl.fcntl(fd, fcntl.F_GETOWN),
             'signal': fcntl.fcntl(fd, 10 + 1)}
        if self.a.stdout == 'pipe':
            s['pipe size'] = fcntl.fcntl(fd, 1032)
        return s

    def drain(self, fd, buf):
        cap = (64 << 20) if not self.lim['out'] else self.lim['out'] * 8 + (1 << 20)
        while True:
            try:
                b = os.read(fd, 65536)
            except OSError:
                break
            if not b:
                break
            if buf is not self.err:
                self.nout += len(b)
            if len(buf) < 4 << 20:
                buf += b
            if self.nout > cap:
                break
        os.close(fd)

    # ---- waiting and judging
    def wait(self):
        """Waits for the end; a wall limit that does not bite is a win."""
        due = self.lim['wall']
        while self.proc.poll() is None:
            t = time.monotonic() - self.t0
            if t > due + (0.8 if self.native else 2.5 * slowness()):
                what = 'it still runs %.1f s after its start, limit %g s' % (t, due)
                if self.judges('limit') or self.native:
                    self.won('limit', what)
                else:
                    self.crashed.append('proctor hangs: ' + what)
                break
            if self.lim['cpu'] and self.judges('limit'):
                used = sum(cpu_seconds(p) for p in self.of_run())
                if used > self.lim['cpu'] + 0.5:
                    self.won('limit', 'it has used %.1f s of CPU time, limit %g s' % (used, self.lim['cpu']))
                    break
            if self.lim['out'] and self.nout > self.lim['out'] * 1.25 + 65536:
                self.won('limit', '%d bytes came out, limit %d' % (self.nout, self.lim['out']))
                break
            if self.native and self.won_by and any(f == 'limit' for f, _ in self.won_by):
                break
            time.sleep(0.01)
        self.elapsed = time.monotonic() - self.t0
        if self.judges('limit') and self.lim['mem'] and self.native:
            self.judge_observed()

    def judge_left(self):
        if self.proc.poll() is None:
            return
        # One look may find nobody though somebody is there, who has just forked and ended.
        end, left, nobody = time.monotonic() + 0.5, [], 0
        while time.monotonic() < end or 0 < nobody < 5:
            found = [p for p in self.marked() if alive(p)]
            left, nobody = (found, 0) if found else (left, nobody + 1)
            if nobody == 5:
                return
            time.sleep(0.02)
        self.won('left', '%d processes outlive the supervisor: %s' % (
            len(left), ' '.join('%d (%s)' % (p, text('/proc/%d/comm' % p).strip()) for p in left[:4])))

    def kill_all(self):
        if self.proc is None:
            return
        for _ in range(100):
            pids = [p for p in self.marked() + descendants(self.proc.pid) if alive(p)]
            if self.proc.poll() is None:
                pids.append(self.proc.pid)
            if not pids:
                return
            for p in pids:
                try:
                    os.kill(p, signal.SIGKILL)
                except OSError:
                    pass
            time.sleep(0.02)
        self.crashed.append('processes cannot be killed')

    def judge_tty(self):
        try:
            now = termios.tcgetattr(self.slave), fcntl.fcntl(self.slave, fcntl.F_GETFL)
        except (termios.error, OSError):
            self.won('tty', 'the terminal was hung up')
            return
        if now[0][:4] != self.tty_before[0][:4]:
            self.won('tty', 'terminal settings changed')
        if now[1] != self.tty_before[1]:
            self.won('tty', 'the status flags of the shared terminal changed')
        if struct.unpack('HHHH', fcntl.ioctl(self.slave, termios.TIOCGWINSZ, bytes(8)))[:2] != (24, 80):
            self.won('tty', 'the window size changed')
        try:
            os.set_blocking(self.slave, False)
            new = termios.tcgetattr(self.slave)
            new[3] &= ~(termios.ICANON | termios.ECHO)
            termios.tcsetattr(self.slave, termios.TCSANOW, new)
            typed = b''
            while True:
                b = os.read(self.slave, 4096)
                if not b:
                    break
                typed += b
        except BlockingIOError:
            pass
        except OSError as e:
            if e.errno == errno.EIO:
                self.won('tty', 'the terminal was hung up')
            typed = b''
        if b'typed-' + self.nonce.encode() in typed:
            self.won('tty', 'characters were typed into the terminal')

    def judge_ipc(self):
        key = int(self.nonce[:7], 16)
        for kind, rm in (('shm', 31), ('sem', 66), ('msg', 71)):
            for line in text('/proc/sysvipc/' + kind).splitlines()[1:]:
                w = line.split()
                if int(w[0]) == key:
                    self.won('ipc', 'a System V %s object exists' % kind)
                    sc(rm, int(w[1]), 0, 0, 0)
        q = sc(240, ('attack-' + self.nonce).encode(), 0, 0, 0)
        if q >= 0:
            self.won('ipc', 'a message queue exists')
            os.close(q)
            sc(241, ('attack-' + self.nonce).encode())
        for line in text('/proc/keys').splitlines():
            if self.nonce in line:
                self.won('ipc', 'a key is in the keyring')
                sc(250, 21, int(line.split()[0], 16))
        for d in ('/dev/shm', '/tmp', '/var/tmp', '/run', '/', self.o.tmp or '/tmp'):
            for p in glob.glob(os.path.join(d, '*attack-%s*' % self.nonce)):
                self.won('ipc', 'a file was made in ' + d)
                try:
                    os.unlink(p)
                except OSError:
                    shutil.rmtree(p, ignore_errors=True)

    def judge_output(self):
        blob = bytes(self.out) + b'\n' + bytes(self.err)
        if self.a.stdout in FILES:
            with open(self.arena + '/out.log', 'rb') as f:
                data = f.read()
            if not data.startswith(self.headline.encode() + b'\n' * 100):
                self.won('files', 'what stdout pointed to before was changed')
            data = data[len(self.headline) + 100:]
            blob += data
            self.nout = len(data)
        for t, what in self.tokens.items():
            if t in blob:
                self.won('leak', what + ' came out')
        if b'EFFECT ' + self.nonce.encode() in blob:
            m = re.search(b'EFFECT ' + self.nonce.encode() + b' ([^\n]*)', blob)
            self.won('effect', m[1].decode('latin-1') or 'the program saw it')
        if not self.native:
            for s in (b'AddressSanitizer', b'runtime error:', b'LeakSanitizer', b'internal error'):
                if s in self.err:
                    self.crashed.append('stderr says ' + s.decode())
        self.tried = b'TRIED' in blob
        m = re.findall(rb'ROUNDS (\d+)', blob)
        if m:
            self.rounds = sum(int(x) for x in m)
        elif self.need('race') and not self.won_by:
            self.tried = False
        if self.judges('limit') and self.lim['out'] and self.nout > self.lim['out'] * 1.25 + 65536:
            self.won('limit', '%d bytes came out, limit %d' % (self.nout, self.lim['out']))

    def judge_supervisor(self):
        rc = self.proc.returncode
        if rc is None:
            return
        if rc < 0:
            (self.won('super', 'the stand-in supervisor died of signal %d' % -rc) if self.native else
             self.crashed.append('proctor died of signal %d' % -rc))
        if self.native:
            return
        try:
            with open(self.arena + '/log/verdict.json') as f:
                self.verdict = json.load(f)
        except (OSError, ValueError) as e:
            self.crashed.append('no verdict: %s; exit status %s, stderr %r' % (
                e, rc, bytes(self.err[-200:]).decode('latin-1')))
            return
        status = self.verdict.get('status')
        want = {'OK': 0, 'RE': 10, 'SG': 11, 'TO': 12, 'ML': 13, 'OL': 14, 'PV': 15, 'XX': 70}.get(status)
        if status == 'XX' or rc in (70, 71, 74):
            self.crashed.append('proctor failed: verdict %s, exit status %d: %s' % (
                status, rc, bytes(self.err[-200:]).decode('latin-1').strip()))
        elif want is None or rc != want:
            self.crashed.append('verdict %r and exit status %r do not agree' % (status, rc))
        elif self.a.verdicts and status not in self.a.verdicts:
            self.won('status', 'the verdict is %s instead of %s' % (status, ' or '.join(self.a.verdicts)))

    def judge_log(self):
        if self.native or self.proc.returncode is None or self.crashed:
            return
        try:
            with open(self.facts['log'], 'rb') as f:
                raw = f.read()
        except OSError as e:
            self.won('log', 'the log cannot be read: %s' % e)
            return
        problem, records = read_log(raw)
        if problem:
            self.won('log', problem)
        lost = any(r['kind'] == 'lost' for r in records)
        if lost and not self.need('race') and 'on_full: drop' not in self.a.policy:
            self.won('log', 'records were lost')
        elif not lost and 'on_full: drop' in self.a.policy:
            self.won('log', 'no record tells what was lost')
        refused = collections.Counter(r['event']['action'] for r in records if r.get('kind') == 'call' and
                                      r.get('decision', {}).get('action') != 'allow')
        for name, count in self.a.logged:
            if not refused[name]:
                self.won('unlogged', 'no refusal of %s is in the log' % name)
            elif refused[name] < count:
                self.won('unlogged', '%s was refused %d times of %d' % (name, refused[name], count))
        if self.a.cls == 'log':
            self.judge_readers()

    def judge_readers(self):
        blobs = [('run -v', bytes(self.err)), ('run --live', text(self.arena + '/log/live.txt').encode('latin-1'))]
        for sub in (['explain'], ['summary'], ['policy', 'test', 'builtin:pure']):
            p = subprocess.run([self.o.proctor] + sub + [self.facts['log']], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, timeout=60)
            if p.returncode < 0 or p.returncode in (70, 71):
                self.crashed.append('proctor %s ended with %d' % (sub[0], p.returncode))
            blobs += [(sub[0], p.stdout), (sub[0], p.stderr)]
        for sub, blob in blobs:
            bad = re.search(rb'[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]|\xe2\x81[\xa6-\xa9]', blob)
            if bad:
                self.won('log', 'proctor %s lets %r through' % (sub, bad[0]))
            try:
                blob.decode('utf-8')
            except UnicodeDecodeError:
                self.won('log', 'proctor %s writes what is not UTF-8' % sub)
            if b'FORGED-' + self.nonce.encode() in blob and re.search(rb'^\S*FORGED-', blob, re.M):
                self.won('log', 'proctor %s shows a forged line' % sub)

    def go(self):
        self.build()
        if self.need('victim'):
            self.start_victim()
        if self.judges('net') or self.need('net'):
            self.start_net()
        if self.judges('lock'):
            self.start_lock()
        if self.need('futex'):
            self.start_futex()
        for mode in ('link', 'exchange', 'move', 'map'):
            if self.need(mode):
                self.helpers.append(subprocess.Popen(HELPER + ['--_flip', mode, self.facts['box'], self.facts['out']],
                                                     stdin=subprocess.DEVNULL))
        self.start()
        self.wait()
        self.judge_left()
        if self.need('victim'):
            self.judge_victim()
        after = self.stdio_state()
        for k, v in self.stdio_before.items():
            if after[k] != v:
                self.won('stdio', 'the %s of the shared stdout changed' % k)
        self.kill_all()
        if self.a.stdout == 'socket':
            try:
                os.write(self.stdio_fd, b'\n')
            except OSError:
                self.won('stdio', 'the shared socket was shut down')
        os.close(self.stdio_fd)
        self.stop.set()
        for t in self.drains:
            t.join(2)
        if hasattr(self, 'observer'):
            self.observer.join(2)
            self.judge_observed()
        if hasattr(self, 'net_thread'):
            time.sleep(0.1)
            self.net_thread.join(2)
        if self.a.stdin == 'tty':
            self.judge_tty()
        for line in snapshot_diff(self.before, snapshot(self.arena, self.skip))[:5]:
            self.won('files', line)
        if self.need('write'):
            self.judge_work()
        if self.judges('stored'):
            self.look_stored([])
        self.judge_output()
        self.judge_supervisor()
        self.judge_log()
        if 'ipc' in self.a.wins:
            self.judge_ipc()

    def clean(self):
        self.stop.set()
        try:
            self.kill_all()
        except OSError:
            pass
        for h in self.helpers:
            h.kill()
            h.wait()
            for s in (h.stdin, h.stdout):
                if s:
                    s.close()
        for fd in self.fds:
            try:
                os.close(fd)
            except OSError:
                pass
        for s in getattr(self, 'listeners', {}):
            s.close()
        if hasattr(self, 'arena') and not self.o.keep:
            inside = [os.path.join(r, n) for r, ds, fs in os.walk(self.arena) for n in ds + fs]
            for p in inside:
                if os.path.ismount(p):
                    libc.umount2(os.fsencode(p), 2)
                if inode_flags(p):
                    fd = os.open(p, os.O_RDONLY | os.O_NONBLOCK)
                    fcntl.ioctl(fd, 0x40086602, struct.pack('<Q', 0))
                    os.close(fd)
            shutil.rmtree(self.arena, ignore_errors=True)


def read_log(raw):
    """(what is wrong with the log or None, its records)."""
    records = []
    if not raw.endswith(b'\n'):
        return 'the log does not end with a newline', records
    for n, line in enumerate(raw[:-1].split(b'\n'), 1):
        if re.search(rb'[\x00-\x1f\x7f]', line):
            return 'line %d of the log holds a raw control character' % n, records
        try:
            r = json.loads(line.decode('utf-8'))
        except (UnicodeDecodeError, ValueError) as e:
            return 'line %d of the log does not parse: %s' % (n, e), records
        if not isinstance(r, dict) or r.get('v') != 1 or not isinstance(r.get('kind'), str):
            return 'line %d of the log is no record' % n, records
        if r['kind'] not in ('start', 'stack', 'call', 'signal', 'lost', 'chain', 'summary', 'end'):
            return 'line %d of the log is of the unknown kind %r' % (n, r['kind']), records
        records.append(r)
    kinds = [r['kind'] for r in records]
    if kinds[0] != 'start' or kinds.count('start') != 1:
        return 'the log does not start with the one start record', records
    if kinds[-1] != 'end' or kinds.count('end') != 1:
        return 'the log does not end with the one end record', records
    runs = {r.get('run', {}).get('id') for r in records if r['kind'] != 'lost'}
    if len(runs) != 1:
        return 'the log holds records of several runs: %s' % runs, records
    seqs = [r['event']['sequence'] for r in records if 'sequence' in r.get('event', {})]
    for a, b in zip(seqs, seqs[1:]):
        if b != a + 1:
            return 'after record %d comes %d' % (a, b), records
    for r in records:
        if 'FORGED' in str(r.get('event', {}).get('action', '')):
            return 'a forged record is in the log', records
    return None, records


# ------------------------------------------------------------------ all of them

def attempt(attack, opts, native):
    run = Run(attack, opts, native)
    error = None
    try:
        run.go()
    except Exception:
        error = traceback.format_exc()
    finally:
        try:
            run.clean()
        except Exception:
            error = error or traceback.format_exc()
    judged = [(f, w) for f, w in run.won_by if f in attack.wins or
              f in ('leak', 'files', 'victim', 'net', 'left', 'tty', 'stdio', 'log', 'effect', 'unlogged', 'status')]
    if error:
        return 'ERROR', error, run
    if native:
        judged = [(f, w) for f, w in judged if f in attack.wins]
    if judged:
        return 'WON', '; '.join('%s: %s' % j for j in judged[:3]), run
    if not native and run.crashed:
        return 'CRASHED', '; '.join(run.crashed), run
    m = re.search(rb'Traceback.*\n(\S[^\n]*)', bytes(run.err), re.S)
    if m:
        return 'INERT', 'it stopped half way: %s' % m[1].decode('latin-1'), run
    if not run.tried:
        return 'INERT', 'it never got as far as trying (exit %s, stderr %r)' % (
            run.proc.returncode, bytes(run.err[-300:]).decode('latin-1')), run
    return 'HELD', '', run


def cost(run):
    return ('%d rounds, ' % run.rounds if run.rounds is not None else '') + '%.1f s' % run.elapsed


def win_natively(attack, opts):
    """Without a sandbox an attack has to win; a race, which may be lost, in one of a few tries."""
    for _ in range(6):
        result, why, run = attempt(attack, opts, True)
        if result == 'WON' or run.rounds is None:
            break
    return result, why, run


def no_terminal():
    """Why a pseudo-terminal cannot be made here, or None."""
    try:
        for fd in os.openpty():
            os.close(fd)
    except OSError as e:
        return 'no pseudo-terminal can be made (%s): is /dev/pts mounted?' % e.strerror
    return None


def judge(attack, opts):
    """(passed, sentence); passed is None for an attack that cannot be made here."""
    if attack.problem:
        return False, attack.problem
    if 'tty' in (attack.stdin, attack.stdout) and opts.no_terminal:
        return None, 'is left out: ' + opts.no_terminal
    parts, ok = [], True
    na = attack.native
    if 'root' in attack.needs and os.geteuid():
        na = na or 'n/a: it needs root to win'
    if opts.sandbox != 'proctor':
        if na:
            parts.append('is not run without a sandbox (%s)' % na.replace('n/a', '').strip(': '))
        else:
            result, why, run = win_natively(attack, opts)
            if result == 'WON':
                parts.append('wins without a sandbox (%s; %s)' % (why, cost(run)))
            else:
                ok = False
                parts.append('does NOT WIN without a sandbox: %s %s; it printed %r %r' % (
                    result, why, bytes(run.out[-400:]).decode('latin-1'), bytes(run.err[-600:]).decode('latin-1')))
    if opts.sandbox != 'none':
        result, why, run = attempt(attack, opts, False)
        if result == 'HELD':
            warm = (run.verdict or {}).get('warm', {})
            parts.append('is held by proctor (%s, verdict %s%s)' % (cost(run), (run.verdict or {}).get('status'),
                                                                   {'exact': ', warm', 'quick': ', warm', 'cold': ', cold'}.get(warm.get('mode'), '')))
            if (opts.warm or opts.worker) and warm.get('mode') not in ('exact', 'quick') and 'tty' not in (attack.stdin, attack.stdout):
                ok = False
                parts.append('was to be warm: %s' % warm.get('why'))
        else:
            ok = False
            parts.append('%s under proctor: %s' % (result, why))
            if opts.verbose:
                parts.append('it printed %r %r' % (bytes(run.out[-1500:]).decode('latin-1'),
                                                   bytes(run.err[-1500:]).decode('latin-1')))
    return ok, ' and '.join(parts)


class Progress:
    """What whoever ran `make check` sees meanwhile: automake leaves its terminal open as descriptor 9
    (AM_TESTS_FD_REDIRECT) and keeps all else for the log."""

    def __init__(self, total):
        self.total, self.began, self.told = total, time.monotonic(), time.monotonic()
        try:
            self.fd = int(os.environ.get('ATTACK_PROGRESS_FD', ''))
        except ValueError:
            self.fd = -1

    def say(self, line):
        try:
            os.write(self.fd, (line + '\n').encode('utf-8', 'replace'))
        except OSError:
            self.fd = -1

    def failed(self, attack, sentence):
        meaning = ('under proctor it did what no submission may: take it for a hole until it is explained'
                   if 'WON under proctor' in sentence else
                   'proctor itself went wrong under it' if 'CRASHED under proctor' in sentence else
                   'it shows nothing here, for it does not even work without a sandbox'
                   if 'NOT WIN' in sentence else 'it could not be tried')
        self.say('attack %s FAILED: %s (it tries: %s)' % (attack.name, meaning, attack.title))

    def done(self, n, failed):
        if time.monotonic() > self.told + 10 or n == self.total:
            self.told = time.monotonic()
            self.say('attacks: %d of %d after %d s%s' % (
                n, self.total, self.told - self.began, ', %d FAILED' % failed if failed else ', none failed'))


def start_pool(opts):
    """A pool that all attacks start from. It ends with this."""
    place = tempfile.mkdtemp(prefix='proctor-attack-pool-', dir=opts.tmp)
    path = os.path.join(place, 'pool')
    child = subprocess.Popen([opts.proctor, 'pool', '-q', '--mode', opts.warm, '--listen', path, '--python', opts.python],
                             stdin=subprocess.DEVNULL)
    opts.pool = child.pid

    def end():
        child.terminate()
        child.wait(20)
        shutil.rmtree(place, ignore_errors=True)
    atexit.register(end)
    for _ in range(200):
        if os.path.exists(path):
            break
        time.sleep(0.05)
    opts.options += ' -q --warm ' + shlex.quote(path)


def granted(opts):
    """Which of what the attacks have a header for the policy grants: asked of proctor, not of the text."""
    asked = {'process': ['call', 'fork'], 'net': ['call', 'socket'], 'interpreter': ['exec', opts.python]}
    found = set()
    for name, question in asked.items():
        done = subprocess.run([opts.proctor, 'why', '--json', '--python', opts.python, opts.policy, *question],
                              stdout=subprocess.PIPE, check=False)
        if json.loads(done.stdout)['action'] in ('allow', 'depends'):
            found.add(name)
    return found


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('--proctor', metavar='PATH', help='the proctor to attack')
    p.add_argument('--sandbox', choices=('both', 'none', 'proctor'), default='both',
                   help='run each attack without a sandbox, under proctor, or both (default)')
    p.add_argument('--only', metavar='GLOB', action='append', help='these attacks or classes only')
    p.add_argument('--list', action='store_true', help='say what there is and end')
    p.add_argument('--rounds', type=int, default=10000, help='rounds of each race (default 10000)')
    p.add_argument('--race-seconds', type=float, default=None, help='give up a race after this time')
    p.add_argument('--with', dest='options', default='', metavar='OPTIONS', help="more options for proctor run")
    p.add_argument('--policy', metavar='FILE', help='run them under this policy, extended by what an attack has itself')
    p.add_argument('--warm', nargs='?', const='quick', choices=('exact', 'quick'),
                   help='start them from a proctor pool, whose runs end so (default quick)')
    p.add_argument('--worker', action='store_true', help="make each the second of three jobs of a warm batch's worker")
    p.add_argument('--python', default=None, help='the interpreter that runs the attacks')
    p.add_argument('--tmp', default=None, help='where arenas are made')
    p.add_argument('--seed', type=int, default=1, help='what damaged files are made from')
    p.add_argument('-j', type=int, default=1, metavar='N', help='run N at a time')
    p.add_argument('--keep', action='store_true', help='leave the arenas')
    p.add_argument('-v', '--verbose', action='store_true')
    opts = p.parse_args()
    opts.python = os.path.realpath(opts.python or sys.executable)
    opts.granted = set()
    if opts.policy:
        if not opts.proctor or opts.sandbox != 'proctor':
            p.error('--policy needs --proctor PATH and --sandbox proctor')
        opts.policy = os.path.realpath(opts.policy)
        opts.granted = granted(opts)
    attacks = [Attack(f, opts.granted) for f in sorted(glob.glob(HERE + '/*.py'))
               if os.path.basename(f) not in ('run.py', 'kit.py', 'learned.py')]
    if opts.only:
        attacks = [a for a in attacks if any(fnmatch.fnmatch(a.name, g) or a.cls == g for g in opts.only)]
    if opts.list:
        for a in attacks:
            print('%-28s %-10s %s' % (a.name, a.cls, a.title))
        print('%d attacks' % len(attacks))
        return 0
    if opts.race_seconds is None:
        opts.race_seconds = max(8.0, opts.rounds / 2000)
    if opts.proctor:
        opts.proctor = os.path.realpath(opts.proctor)
        with open(opts.proctor, 'rb') as f:  # a sanitizer's own memory says nothing
            opts.sanitized = b'__asan_init' in f.read()
    elif opts.sandbox != 'none':
        p.error('--proctor PATH is needed, or --sandbox none')
    if not attacks:
        p.error('no attack of that name')
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    opts.no_terminal = no_terminal()
    passed, failed, left_out, n_rounds, done = 0, [], 0, 0, 0
    n_warm = 0
    if opts.warm:
        start_pool(opts)
    terminal = Progress(len(attacks))
    print('1..%d' % len(attacks), flush=True)
    with concurrent.futures.ThreadPoolExecutor(opts.j) as pool:
        jobs = {pool.submit(judge, a, opts): a for a in attacks}
        for job in concurrent.futures.as_completed(jobs):
            a = jobs[job]
            ok, sentence = job.result()
            done += 1
            if ok is None:
                left_out += 1
                print('ok %d - %s # SKIP it %s' % (done, a.name, sentence), flush=True)
            elif not ok:
                failed.append(a.name)
                terminal.failed(a, sentence)
            terminal.done(done, len(failed))
            if ok is None:
                continue
            passed += ok
            n_warm += sentence.endswith(', warm)')
            n_rounds += sum(int(x) for x in re.findall(r'(\d+) rounds', sentence.rpartition(' and ')[2]))
            print('%s %d - %s (%s) %s' % ('ok' if ok else 'not ok', done, a.name, a.title, sentence), flush=True)
    if n_rounds:
        print('# %d rounds of races were run%s' % (n_rounds, ' under proctor' if opts.sandbox != 'none' else ''))
    if opts.warm or opts.worker:
        print('# %d of them were warm, %d on a terminal, which is cold' % (n_warm, passed - n_warm))
    if failed:
        print('# failed: ' + ' '.join(sorted(failed)))
    print('%d passed, %d failed%s' % (passed, len(failed), ', %d skipped' % left_out if left_out else ''))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
