#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--calls all stops for every call; what is decided of one must not depend on that. The same program
gets the same answers under each setting, and where all is logged nothing is missing."""
from harness import check, equal, finish, place, proctor, put, sanitized, title

SCRIPT = r'''
import ctypes, errno, fcntl, mmap, os, resource, select, signal, socket, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)

def tell(name, f, *args):
    try:
        outcome = f(*args)
        outcome = "ok" if not isinstance(outcome, (int, str)) or name.startswith("id") else outcome
    except OSError as error:
        outcome = errno.errorcode[error.errno]
    print(name, outcome, flush=True)

def call(nr, *args):
    if libc.syscall(nr, *args) < 0:
        raise OSError(ctypes.get_errno(), "")

got = []
signal.signal(signal.SIGUSR1, lambda *_: got.append(1))
me = os.getpid()
tell("kill itself", os.kill, me, signal.SIGUSR1)
tell("raise", signal.raise_signal, signal.SIGUSR1)
tell("tkill", call, 200, threading.get_native_id(), signal.SIGUSR1)
tell("tkill another", call, 200, 1, 0)
tell("received", lambda: len(got))
tell("kill another", os.kill, os.getppid(), 0)
tell("kill all", os.kill, -1, 0)
tell("getpgid itself", lambda: os.getpgid(me) and None)
tell("getpgid another", lambda: os.getpgid(os.getppid()) and None)
tell("getsid", lambda: os.getsid(0) and None)
tell("getpriority", lambda: os.getpriority(os.PRIO_PROCESS, me) and None)
tell("prlimit itself", resource.prlimit, me, resource.RLIMIT_NOFILE)
tell("prlimit another", resource.prlimit, os.getppid(), resource.RLIMIT_NOFILE)
tell("scheduler", lambda: os.sched_getscheduler(me) and None)
tell("affinity", os.sched_getaffinity, 0)
tell("clock", time.clock_gettime, time.CLOCK_MONOTONIC)
tell("cpu clock", time.clock_gettime, time.CLOCK_PROCESS_CPUTIME_ID)
tell("clock of another", time.clock_gettime, (~os.getppid() << 3) | 2)
tell("socketpair", socket.socketpair)
tell("socket", socket.socket)
tell("pipe", os.pipe)
tell("dup2", os.dup2, 0, 9)
tell("dup2 onto a reserved one", os.dup2, 0, 4096)
tell("close", os.close, 9)
tell("close a reserved one", os.close, 4096)
tell("lock", fcntl.flock, 0, fcntl.LOCK_SH)
tell("map", mmap.mmap, -1, 4096)
tell("unmap the scratch", call, 11, ctypes.c_long(0x100000), ctypes.c_long(4096))
tell("seccomp", call, 317, 0, 0, 0)
if sys.argv[1] == "audit":
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    tell("wait", lambda: os.waitpid(pid, 0) and None)
else:
    tell("fork", os.fork)
tell("thread", lambda: threading.Thread(target=int).start())
tell("poll", select.poll().poll, 1)
tell("a number without a call", call, 600)
tell("open outside", os.open, "/etc/passwd", os.O_RDONLY)
tell("open", os.open, __file__, os.O_RDONLY)
tell("stat", os.stat, "/etc/passwd")
'''

box = place()
script = put(box, "answers.py", SCRIPT)
wanted = None
for mode in "enforce", "audit":
    title(mode)
    answers = {}
    for calls in "denied", "brokered", "all":
        run = proctor([script, mode], "-q", "--mode", mode, "--calls", calls, timeout=60 * (5 if sanitized() else 1))
        equal(f"--calls {calls}: the program ran to its end", run.status, 0)
        answers[calls] = run.out.decode().splitlines()
        sequence = [r["event"]["sequence"] for r in run.records if r["kind"] in ("call", "signal")]
        equal(f"--calls {calls}: no number is missing in the log", sequence, list(range(1, len(sequence) + 1)))
    for calls in "brokered", "all":
        equal(f"--calls {calls} changes no answer", answers[calls], answers["denied"])
    if mode == "enforce":
        check("signals to itself arrive", "received 3" in answers["all"], answers["all"])
        check("those to others do not", "kill another EACCES" in answers["all"], answers["all"])
    logged = {r["event"]["action"] for r in run.calls()}
    check("the log of all calls has those that the kernel would have run unasked",
          {"getpid", "gettid", "kill", "pipe2", "close", "write", "mmap"} <= logged, sorted(logged))
finish()
