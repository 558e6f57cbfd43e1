#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Futexes that are not private: pthread_join, robust and process-shared locks of one process work as they
do without proctor, although each of their operations is made private.
"""

import sys

sys.dont_write_bytecode = True
import harness as h

COMMON = r"""
import ctypes, os, signal, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
libc.pthread_self.restype = ctypes.c_ulong
FUNCTION = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)
class timespec(ctypes.Structure):
    _fields_ = [('s', ctypes.c_long), ('ns', ctypes.c_long)]
def until(seconds):
    t = time.time() + seconds
    return ctypes.byref(timespec(int(t), int(t % 1 * 1e9)))
"""

JOIN = r"""
def work(n):
    time.sleep(0.0005 * (n or 0))
    return n
function = FUNCTION(work)
joined = 0
for turn in range(3):
    threads = []
    for n in range(200):
        t = ctypes.c_ulong()
        assert libc.pthread_create(ctypes.byref(t), None, function, ctypes.c_void_p(n)) == 0
        threads.append(t)
    for n, t in enumerate(threads):
        result = ctypes.c_void_p()
        assert libc.pthread_join(t, ctypes.byref(result)) == 0
        joined += (result.value or 0) == n
print(joined)
"""

# Everybody joins somebody, while threads begin and end all around.
CROWD = r"""
def leaf(n):
    time.sleep(0.001)
    return 7
def branch(n):
    ok = 0
    for i in range(20):
        t, result = ctypes.c_ulong(), ctypes.c_void_p()
        if libc.pthread_create(ctypes.byref(t), None, leaf_function, None): return 0
        libc.pthread_join(t, ctypes.byref(result))
        ok += result.value == 7
    return ok
leaf_function, branch_function = FUNCTION(leaf), FUNCTION(branch)
threads, total = [ctypes.c_ulong() for i in range(20)], 0
for t in threads:
    assert libc.pthread_create(ctypes.byref(t), None, branch_function, None) == 0
for t in threads:
    result = ctypes.c_void_p()
    libc.pthread_join(t, ctypes.byref(result))
    total += result.value or 0
print(total)
"""

TIMED = r"""
def work(n):
    time.sleep(0.6)
function, t = FUNCTION(work), ctypes.c_ulong()
libc.pthread_create(ctypes.byref(t), None, function, None)
print(libc.pthread_timedjoin_np(t, None, until(0.1)))
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)  # while it is being joined
print(libc.pthread_timedjoin_np(t, None, until(30)))
signal.setitimer(signal.ITIMER_REAL, 0)
"""

LOCKS = r"""
attr, lock, sem = (ctypes.create_string_buffer(64) for _ in range(3))
libc.pthread_mutexattr_init(attr)
libc.pthread_mutexattr_setrobust(attr, 1)
print(libc.pthread_mutex_init(lock, attr))
def dies():
    libc.pthread_mutex_lock(lock)
    time.sleep(0.3)
def waits():
    r = libc.pthread_mutex_lock(lock)
    got.append(r)
    if r: libc.pthread_mutex_consistent(lock)
    libc.pthread_mutex_unlock(lock)
got = []
owner = threading.Thread(target=dies); owner.start(); time.sleep(0.1)
waiters = [threading.Thread(target=waits) for _ in range(5)]
[t.start() for t in waiters]; owner.join(); [t.join() for t in waiters]
print(sorted(got))
libc.sem_init(sem, 1, 0)
threading.Timer(0.1, lambda: libc.sem_post(sem)).start()
print(libc.sem_wait(sem))
print(libc.sem_timedwait(sem, until(0.1)), ctypes.get_errno())
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.1)
print(libc.sem_timedwait(sem, until(30)), ctypes.get_errno())
"""

# The word that pthread_join waits for is the first thread's, whose end the supervisor hears of last.
LEADER = r"""
first = libc.pthread_self()
def join():
    print(libc.pthread_join(ctypes.c_ulong(first), None), flush=True)
    os._exit(5)
threading.Thread(target=join).start()
time.sleep(0.1)
libc.syscall(60, 0)
"""

WORDS = r"""
memory = ctypes.create_string_buffer(4096)
at = ctypes.addressof(memory)
word = ctypes.c_uint32.from_address(at)
def futex(op, value, timeout=None, address=at, value3=0):
    r = libc.syscall(202, ctypes.c_void_p(address), op, ctypes.c_uint32(value), timeout, None, ctypes.c_uint32(value3))
    return r if r != -1 else -ctypes.get_errno()
def waiter(): results.append(futex(0, 0))
results = []
ts = [threading.Thread(target=waiter) for _ in range(5)]
[t.start() for t in ts]
woken = 0
while woken < 5:
    woken += futex(1, 1)
[t.join() for t in ts]
print(results, woken)
print(futex(0, 1), futex(0, 0, ctypes.byref(timespec(0, 10**8))), futex(0, 0, None, 8))
threading.Timer(0.1, lambda: setattr(word, 'value', 9)).start()  # nobody wakes: a wake without reason is one all the same
r = futex(0, 0, ctypes.byref(timespec(2, 0)))
print(r in (0, -110))
"""

PI = r"""
attr, lock = (ctypes.create_string_buffer(64) for _ in range(2))
word = ctypes.c_uint32(os.getppid())
libc.pthread_mutexattr_init(attr)
libc.pthread_mutexattr_setprotocol(attr, 1)
print(libc.pthread_mutex_init(lock, attr) in (0, 95))
for op in 6, 6 | 128, 8, 8 | 128, 13, 13 | 128, 7, 7 | 128, 11 | 128, 12 | 128:
    r = libc.syscall(202, ctypes.byref(word), op, 0, until(0), ctypes.byref(word), 0)
    print(r, ctypes.get_errno())
"""


def same(box, name, text, sentence, *options, status=0):
    script = h.put(box, name + ".py", COMMON + text)
    bare = h.native([h.PYTHON, script], cwd=box)
    run = h.proctor([h.PYTHON, script], *options, cwd=box)
    h.check(
        sentence, (run.status, run.out) == (bare.status, bare.out) and bare.status == status, bare, run
    )
    return run


arena = h.place()
run = same(arena, "join", JOIN, "600 threads are joined")
h.check(
    "the waits are in the log, with their results",
    all(r["syscall"].get("ret") in (0, -11) for r in run.calls("futex")) and run.calls("futex"),
    run.calls("futex")[:2],
)
same(arena, "join", JOIN, "600 threads are joined where every call is stopped for", "--calls", "all")
same(arena, "crowd", CROWD, "threads join threads while others end")
same(arena, "timed", TIMED, "a join with a timeout, and one that signals interrupt")
same(arena, "locks", LOCKS, "robust locks of an owner that ended; semaphores with timeouts and signals")
same(arena, "leader", LEADER, "the first thread is joined", status=5)
same(arena, "words", WORDS, "waits and wakes by hand")
same(arena, "join", JOIN, "audit mode leaves them alone", "--mode", "audit")
run = h.proctor([h.PYTHON, h.put(arena, "pi.py", COMMON + PI)], cwd=arena)
h.check(
    "PI futexes, which act on any thread that is named in memory, are none",
    run.out == b"True\n" + b"-1 38\n" * 10 and run.verdict.get("violations") == 0,
    run,
)
h.finish()
