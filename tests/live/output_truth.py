#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is said of the output is what came out, and no more comes out than may: writes of random kinds, by one thread, by
several, and by processes of which some are killed in the middle of one.

ROUNDS: how many of each.
"""

import os
import random
import subprocess
import sys

sys.dont_write_bytecode = True
import harness as h

ROUNDS = int(os.environ.get("ROUNDS", "8"))

PROGRAM = r"""
import ctypes, os, sys, threading, time, random, signal, struct
libc = ctypes.CDLL(None, use_errno=True); libc.syscall.restype = ctypes.c_long
libc.mmap.restype=ctypes.c_void_p; libc.mmap.argtypes=[ctypes.c_void_p]+[ctypes.c_long]*5
def sc(*a):
    r = libc.syscall(*[ctypes.c_long(x) if isinstance(x,int) else x for x in a])
    return r if r != -1 else -ctypes.get_errno()
rnd=random.Random(int(sys.argv[1])); multi=int(sys.argv[2])
p=libc.mmap(None,3*4096,3,0x22,-1,0); ctypes.memset(p,97,12288); libc.munmap(ctypes.c_void_p(p+8192),4096)
null=os.open('/dev/null',1); r,w=os.pipe(); os.set_blocking(w,False); os.set_blocking(r,False); ev=os.eventfd(0,os.EFD_NONBLOCK) if hasattr(os,'eventfd') else null
signal.signal(14,lambda *a: None)
if rnd.random()<.4: signal.siginterrupt(14,rnd.random()<.5); signal.setitimer(0,.0003,.0003)
alias=[1,2]
V=ctypes.c_void_p
def one():
    fd=rnd.choice(alias); k=rnd.randrange(14); n=rnd.choice([0,1,7,100,1000,4096,5000])
    if k<4: sc(1,fd,V(p+rnd.randrange(4096)),n)
    elif k==4: sc(1,fd,V(p+8192-rnd.randrange(64)),n)
    elif k==5: sc(20,fd,struct.pack('<QQQQ',p,n//2,p+50,n),2)
    elif k==6: sc(1,null,V(p),n)
    elif k==7: sc(1,w,V(p),n)
    elif k==8: sc(1,ev,struct.pack('<Q',1),8)
    elif k==9: sc(0,r,V(p),n)
    elif k==10 and len(alias)<20: alias.append(os.dup(rnd.choice(alias)))
    elif k==11: sc(18,fd,V(p),n,0); sc(296,fd,struct.pack('<QQ',p,n),1,0,0); sc(328,fd,struct.pack('<QQ',p,n),1,-1,0,0)
    elif k==12: sc(44,fd,V(p),n,0,0,0); sc(46,fd,struct.pack('<QQQQQQQ',0,0,p,0,0,0,0),0)
    elif k==13: sc(275,r,0,fd,0,n,0); sc(278,fd,struct.pack('<QQ',p,n),1,0); sc(40,fd,r,0,n); sc(326,r,0,fd,0,n,0)
def many(n):
    for i in range(n): one()
if multi==0: many(400)
elif multi==1:
    ts=[threading.Thread(target=many,args=(100,)) for i in range(4)]; many(50); [t.start() for t in ts]; many(50); [t.join() for t in ts]; many(50)
else:
    many(30)
    for i in range(4):
        q=os.fork()
        if q==0: many(40); os._exit(0)
        if rnd.random()<.5: many(40)
        if rnd.random()<.3: os.kill(q,9)
        os.waitpid(q,0)
    many(50)
"""

KINDS = "one thread", "several threads", "processes, some of which are killed"


def run(box, seed, kind):
    """How many bytes came out, how many were said to, the limit and the status."""
    rnd = random.Random(seed)
    limit = rnd.choice((1000, 20000, 100000, 300000))
    options = ["--process", "fork"] if kind == 2 else []
    if rnd.random() < 0.3:
        options += ["--calls", "all"]
    if rnd.random() < 0.2:
        options += ["-w", box + "/w:1MiB"]
    where = {"stderr": subprocess.STDOUT if rnd.random() < 0.5 else subprocess.PIPE}
    # The program writes to /dev/null as well, and that may be its input.
    done = h.proctor(
        [h.PYTHON, "-S", "-E", box + "/program.py", str(seed), str(kind)],
        *("-q", "-r", box, "--output", limit, "--wall", "120s", *options),
        stdin=subprocess.DEVNULL, cwd=box, timeout=150, **where,
    )  # fmt: skip
    came = len(done.out or b"") + len(done.err or b"")
    return came, done.verdict.get("output_bytes"), limit, done.verdict.get("status"), done


def main():
    box = h.place()
    os.mkdir(box + "/w")
    h.put(box, "program.py", PROGRAM)
    for kind, name in enumerate(KINDS):
        wrong = []
        for seed in range(ROUNDS):
            came, said, limit, status, done = run(box, 3 * seed + kind, kind)
            if came != said or came > limit or status not in ("OK", "OL") or (status == "OL" and came != limit):
                wrong.append((seed, came, said, limit, status, done.err[-200:] if done.err else None))
        h.equal(f"{ROUNDS} times, {name}: as said", wrong, [])
    h.equal("no process is left", h.survivors(), [])
    h.finish()


main()
