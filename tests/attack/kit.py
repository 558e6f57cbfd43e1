# SPDX-License-Identifier: Apache-2.0
"""What the attacks share: facts about the arena, raw system calls, a little machine code.

An attack is run inside the sandbox with this file beside it. It says TRIED right before it first
does what it is about; without that word a held attack would mean nothing (the runner calls it
INERT). Everything that decides whether it has won happens outside, in run.py.
"""
import ctypes
import json
import os
import signal
import struct
import sys
import threading
import time

F = json.loads(sys.stdin.readline())  # facts of the arena, one line
NATIVE = F['native']
BOX, OUT = F['box'], F['out']  # the granted directory; its sibling, which nothing grants
SECRET = OUT + '/twin.txt'     # box/twin.txt is the harmless twin
GOOD = BOX + '/twin.txt'
NONCE = F['nonce']

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]

NR = {}
for _item in '''read=0 write=1 open=2 close=3 stat=4 fstat=5 lstat=6 poll=7 lseek=8 mmap=9 mprotect=10 munmap=11
brk=12 rt_sigaction=13 rt_sigprocmask=14 rt_sigreturn=15 ioctl=16 pread64=17 pwrite64=18 readv=19 writev=20 access=21
pipe=22 select=23 sched_yield=24 mremap=25 msync=26 mincore=27 madvise=28 shmget=29 shmat=30 shmctl=31 dup=32 dup2=33
pause=34 nanosleep=35 getitimer=36 alarm=37 setitimer=38 getpid=39 sendfile=40 socket=41 connect=42 accept=43 sendto=44
recvfrom=45 sendmsg=46 recvmsg=47 shutdown=48 bind=49 listen=50 getsockname=51 getpeername=52 socketpair=53
setsockopt=54 getsockopt=55 clone=56 fork=57 vfork=58 execve=59 exit=60 wait4=61 kill=62 uname=63 semget=64 semop=65
semctl=66 shmdt=67 msgget=68 msgsnd=69 msgrcv=70 msgctl=71 fcntl=72 flock=73 fsync=74 truncate=76 ftruncate=77
getdents=78 getcwd=79 chdir=80 fchdir=81 rename=82 mkdir=83 rmdir=84 creat=85 link=86 unlink=87 symlink=88 readlink=89
chmod=90 fchmod=91 chown=92 fchown=93 lchown=94 umask=95 ptrace=101 syslog=103 setuid=105 setpgid=109 setsid=112
setgroups=116 setresuid=117 capset=126 rt_sigqueueinfo=129 sigaltstack=131 utime=132 mknod=133 uselib=134
personality=135 ustat=136 statfs=137 fstatfs=138 setpriority=141 sched_setparam=142 sched_setscheduler=144 mlock=149
vhangup=153 modify_ldt=154 pivot_root=155 prctl=157 arch_prctl=158 adjtimex=159 setrlimit=160 chroot=161 sync=162
acct=163 settimeofday=164 mount=165 umount2=166 swapon=167 swapoff=168 reboot=169 sethostname=170 setdomainname=171
iopl=172 ioperm=173 init_module=175 delete_module=176 quotactl=179 readahead=187 setxattr=188 lsetxattr=189
fsetxattr=190 getxattr=191 lgetxattr=192 fgetxattr=193 listxattr=194 removexattr=197 tkill=200 futex=202
sched_setaffinity=203 io_setup=206 io_submit=209 lookup_dcookie=212 epoll_create=213 remap_file_pages=216
getdents64=217 restart_syscall=219 timer_create=222 timer_settime=223 clock_settime=227 exit_group=231 epoll_ctl=233
tgkill=234 utimes=235 mbind=237 mq_open=240 mq_unlink=241 kexec_load=246 waitid=247 add_key=248 request_key=249
keyctl=250 ioprio_set=251 inotify_init=253 inotify_add_watch=254 migrate_pages=256 openat=257 mkdirat=258 mknodat=259
fchownat=260 futimesat=261 newfstatat=262 unlinkat=263 renameat=264 linkat=265 symlinkat=266 readlinkat=267
fchmodat=268 faccessat=269 getppid=110 pselect6=270 ppoll=271 unshare=272 set_robust_list=273 get_robust_list=274 splice=275 tee=276
sync_file_range=277 vmsplice=278 move_pages=279 utimensat=280 epoll_pwait=281 signalfd=282 timerfd_create=283
eventfd=284 fallocate=285 signalfd4=289 eventfd2=290 epoll_create1=291 dup3=292 pipe2=293 inotify_init1=294
preadv=295 pwritev=296 rt_tgsigqueueinfo=297 perf_event_open=298 recvmmsg=299 fanotify_init=300 fanotify_mark=301 prlimit64=302
name_to_handle_at=303 open_by_handle_at=304 clock_adjtime=305 syncfs=306 sendmmsg=307 setns=308 process_vm_readv=310
process_vm_writev=311 kcmp=312 finit_module=313 sched_setattr=314 renameat2=316 seccomp=317 getrandom=318
memfd_create=319 kexec_file_load=320 bpf=321 execveat=322 userfaultfd=323 membarrier=324 mlock2=325
copy_file_range=326 preadv2=327 pwritev2=328 pkey_mprotect=329 statx=332 io_pgetevents=333 rseq=334
pidfd_send_signal=424 io_uring_setup=425 io_uring_enter=426 io_uring_register=427 open_tree=428 move_mount=429
fsopen=430 fsconfig=431 fsmount=432 fspick=433 pidfd_open=434 clone3=435 close_range=436 openat2=437 pidfd_getfd=438
faccessat2=439 process_madvise=440 mount_setattr=442 quotactl_fd=443 landlock_create_ruleset=444 memfd_secret=447
process_mrelease=448 set_mempolicy_home_node=450 cachestat=451 fchmodat2=452 map_shadow_stack=453
futex_waitv=449 futex_wake=454 futex_wait=455 futex_requeue=456 statmount=457 listmount=458 lsm_get_self_attr=459 mseal=462 setxattrat=463 open_tree_attr=467'''.split():
    _name, _nr = _item.split('=')
    NR[_name] = int(_nr)

AT_FDCWD = -100
AT_EMPTY_PATH = 0x1000


def sc(call, *args):
    """The raw call (a name or a number); the result, or -errno."""
    nr = NR[call] if isinstance(call, str) else call
    words = [ctypes.c_long(a) if isinstance(a, int) else a for a in args]
    r = libc.syscall(ctypes.c_long(nr), *words)
    return r if r != -1 else -ctypes.get_errno()


def say(*words):
    os.write(1, (' '.join(str(w) for w in words) + '\n').encode('utf-8', 'surrogateescape'))


def tried():
    say('TRIED')


def effect(what=''):
    """The attack has seen by itself that it worked, where nobody outside can."""
    say('EFFECT', NONCE, what)


def spill(fd):
    """Writes what FD holds to stdout: that is how secrets come out."""
    if fd >= 0:
        data = ctypes.create_string_buffer(4096)
        n = sc('pread64', fd, data, 4096, 0)
        if n < 0:
            n = sc('read', fd, data, 4096)
        if n > 0:
            os.write(1, data.raw[:n] + b'\n')
    return fd


def openat(path, flags=0, dirfd=AT_FDCWD, mode=0):
    return sc('openat', dirfd, os.fsencode(path) if isinstance(path, str) else path, flags, mode)


def openat2(path, flags=0, dirfd=AT_FDCWD, resolve=0, size=24, tail=b''):
    how = struct.pack('<QQQ', flags, 0, resolve) + tail
    return sc('openat2', dirfd, os.fsencode(path) if isinstance(path, str) else path, how, size)


def take(path, flags=0, dirfd=AT_FDCWD):
    """Opens PATH and spills it; the descriptor or -errno."""
    fd = openat(path, flags, dirfd)
    spill(fd)
    return fd


def took(fd):
    """Whether FD is the secret; spills it if so. Closes FD."""
    if fd < 0:
        return False
    try:
        head = os.pread(fd, 64, 0)
    except OSError:
        head = b''
    if fd > 2:
        os.close(fd)
    if head.startswith(b'SECRET-'):
        os.write(1, head + b'\n')
        return True
    return False


def rounds(one, budget=None):
    """Calls ONE(i) until it returns true, for F['rounds'] rounds or F['race_s'] seconds. Natively
    the seconds alone count: calls are quick there, and the race must get a chance to start."""
    end = time.monotonic() + (budget or F['race_s'])
    n = 0
    for n in range(1, (1 << 40 if NATIVE else F['rounds']) + 1):
        if one(n):
            break
        if not n & 63 and time.monotonic() > end:
            break
    say('ROUNDS', n)


def errno_bits(probe, present):
    """One bit for each name: does PROBE(path) answer as it does for one that is there?"""
    say('BITS=' + ''.join('1' if present(probe(OUT + '/exist/e%02d' % i)) else '0' for i in range(F['bits'])))


def stat_buf():
    return ctypes.create_string_buffer(256)


def address(obj):
    return ctypes.addressof(obj)


def page(n=4096, prot=3, flags=0x22, where=None, fd=-1, off=0):
    """mmap; the address."""
    p = libc.mmap(where, n, prot, flags, fd, off)
    if p in (None, 2 ** 64 - 1):
        raise OSError(ctypes.get_errno(), 'mmap')
    return p


# Machine code. The sources, with arguments in rdi, rsi, rdx, rcx, r8:
#
# flip(addr, xor, stop, mask): 1: xor %sil,(addr); pause (rdtsc & mask) times; if !*stop goto 1; ret
FLIP = '4989d04030370f3121c8ffc8f39079fa4983380074edc3'
# thief(flags, stack, path, buf): rax = clone(flags, stack, 0, 0, 0); in the child: openat(path),
#     read(fd, buf, 200), write(1, buf, n), exit(0); in the parent: ret
THIEF = ('4989d04989c953554c89c34c89cd31d24531d24531c0b8380000000f054885c074035d5bc3b80101000048c7c79cffffff'
         '4889de31d24531d20f054885c0782589c731c04889eebac80000000f054885c078124889c2b801000000bf01000000'
         '4889ee0f05b83c00000031ff0f05f4')
# int80(nr, ebx, ecx, edx): the call through int $0x80
INT80 = '534889f84889f34989c84889d14c89c231f631ffcd805b4863c0c3'
# compat(nr, ebx, ecx, edx, stack below 4 GiB): the same after a far return into the 32-bit segment 0x23
COMPAT = ('535541544155415641574989e74989e64889f84889f34989c94889d14c89ca4c8d15170000004c89c44d8978c04489c5'
          '4881ec800000006a23415248cbcd806a33e80000000081042408000000cb89ed488b65c04863c0415f415e415d415c5d5bc3')
# raw(table of nr and six arguments, n): the call N times, the last result
RAW = '53554889fb4889f5488b03488b7b08488b7310488b53184c8b53204c8b43284c8b4b300f0548ffcd75de5d5bc3'
# tf(table): the call with the trap flag set in eflags around it
TF = ('534889fb488b7b08488b7310488b53184c8b53204c8b43284c8b4b309c810c24000100009d488b030f059c812424fffeffff'
      '9d5bc3')
RET = 'c3'
RESTORER = 'b80f0000000f05'


def code(hexa, low=False):
    """Machine code in a page of its own; its address."""
    p = page(8192, 7, 0x22 | (0x40 if low else 0))
    ctypes.memmove(p, bytes.fromhex(hexa), len(hexa) // 2)
    return p


def function(hexa, *types, low=False):
    return ctypes.CFUNCTYPE(ctypes.c_long, *types)(code(hexa, low))


_keep = []


class Flipper:
    """A thread that xors the byte at ADDR with BITS again and again, without the interpreter's lock."""

    def __init__(self, addr, bits, mask=0xff):
        self.stop = ctypes.c_uint64(0)
        _keep.append(self)
        fn = function(FLIP, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_uint64)
        self.thread = threading.Thread(target=fn, args=(addr, bits, address(self.stop), mask), daemon=True)
        self.thread.start()

    def end(self):
        self.stop.value = 1
        self.thread.join()


def twin_path(name=b'/twin.txt'):
    """A buffer with the path of the granted twin, and where the byte is that makes it the secret's."""
    good, bad = os.fsencode(BOX) + name, os.fsencode(OUT) + name
    buf = ctypes.create_string_buffer(good, 4096)
    at = [i for i in range(len(good)) if good[i] != bad[i]]
    assert len(at) == 1 and len(good) == len(bad)
    return buf, address(buf) + at[0], good[at[0]] ^ bad[at[0]]


def raced_openers(n):
    """N threads that open, again and again, a path that is now the granted twin's, now the secret's."""
    buf, at, bits = twin_path()

    def opener():
        while True:
            took(sc('openat', AT_FDCWD, buf, 0, 0))

    Flipper(at, bits)
    for _ in range(n):
        threading.Thread(target=opener, daemon=True).start()


def loop_thread(step):
    """A Python thread that calls STEP until the returned function is called."""
    stop = threading.Event()

    def run():
        while not stop.is_set():
            step()
    t = threading.Thread(target=run, daemon=True)
    t.start()

    def end():
        stop.set()
        t.join(5)
    return end


def sigaction(sig, handler, flags=0):
    """rt_sigaction with a C-callable handler address; our own restorer."""
    rest = code(RESTORER)
    return sc('rt_sigaction', sig, struct.pack('<QQQQ', handler, flags | 0x04000000, rest, 0), None, 8)


def ticker(usec):
    """A timer that sends SIGALRM every USEC microseconds."""
    signal.setitimer(signal.ITIMER_REAL, usec / 1e6, usec / 1e6)


# ---- the supervisor's own things inside the tracee. Without proctor there are none, so the attack
# ---- makes stand-ins of the same kind and the same oracle looks at those.

SCRATCH, SCRATCH_SIZE = 0x100000, 0x100000


def scratch():
    """The address of the supervisor's scratch mapping (natively: of an unsealed mapping like it)."""
    if NATIVE:
        fd = os.memfd_create('scratch')
        os.ftruncate(fd, SCRATCH_SIZE)
        page(SCRATCH_SIZE, 1, 0x11, SCRATCH, fd)
        F['stand_in'] = fd
        os.dup2(fd, F['reserved'] + 1)
        time.sleep(F['hold_s'])
    return SCRATCH


def scrawl():
    return b'SCRAWL-' + NONCE.encode()


def looks():
    """How often the runner has looked at this process; None where it does not or that cannot be read."""
    try:
        return os.stat(F['looks']).st_size
    except OSError:
        return None


def hold():
    """Holds still until the runner has looked at this process from outside. The first look to end may
    have begun before. On a busy machine that takes a while; an attack that leaves this process unable
    to read the count gets the time alone."""
    before, end = looks(), time.monotonic() + 4
    time.sleep(F['hold_s'])
    while before is not None and time.monotonic() < end:
        now = looks()
        if now is None or now >= before + 2:
            break
        time.sleep(0.02)


def reserved():
    """Numbers of the descriptors that the supervisor keeps in this process."""
    if NATIVE:
        os.dup2(os.open(BOX, os.O_PATH | os.O_DIRECTORY), F['reserved'])
        return [F['reserved']]
    found = []
    for base in (0, F['reserved'] & ~0xfff, 1 << 16, 1 << 20):
        for n in range(max(3, base - 64), base + 4096):
            if n not in found and sc('fcntl', n, 1, 0) >= 0:
                found.append(n)
    for n in range(3, 65536):
        if n not in found and sc('fcntl', n, 1, 0) >= 0:
            found.append(n)
    if not found:  # fcntl does not tell: try those that the range would have
        found = list(range(F['reserved'], F['reserved'] + 64))
    return found
