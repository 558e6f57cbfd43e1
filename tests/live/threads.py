#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Threads and processes: the leader ends first, two hundred threads open files, calls are cut off
by the end of their thread, exec by another thread than the first, vfork and fork in audit mode.
"""

import os
import sys

sys.dont_write_bytecode = True
import harness as h

LEADER_FIRST = r"""
import ctypes, os, sys, threading, time
libc = ctypes.CDLL(None)
def work():
    time.sleep(0.2)  # the first thread is a zombie by then
    for i in range(200):
        with open('data.txt') as f: assert f.read() == 'data\n'
        os.stat('data.txt'); os.listdir('.'); os.access('data.txt', 4); os.readlink('link')
        assert os.path.realpath('link').endswith('data.txt')
        with open('/dev/fd/0'): pass
    try: open('/etc/passwd')
    except PermissionError: print('refused', flush=True)
    t = threading.Thread(target=lambda: print('another', open('data.txt').read(), flush=True)); t.start(); t.join()
    print('done', flush=True)
    os._exit(5)
threading.Thread(target=work).start()
time.sleep(0.02)
EXIT
"""

MANY = r"""
import os, threading
N, PER = int(os.environ['N']), 20
barrier = threading.Barrier(N)
wrong, lock = [], threading.Lock()
def work(n):
    barrier.wait()
    for i in range(PER):
        with open('f%d' % ((n + i) % 50)) as f:
            text = f.read()
        size = os.stat('f%d' % ((n * 7 + i) % 50)).st_size
        if text != 'file %d\n' % ((n + i) % 50) or size != len('file %d\n' % ((n * 7 + i) % 50)):
            with lock: wrong.append((n, i, text, size))
ts = [threading.Thread(target=work, args=(n,)) for n in range(N)]
[t.start() for t in ts]; [t.join() for t in ts]
print(len(ts), wrong)
"""

CUT_OFF = r"""
# Threads that end in the middle of a call: blocked in an open of a FIFO, opening without end, exiting.
import os, threading, time
def block(): open('fifo')
def spin():
    while True: open('f0').close(); os.stat('f1')
for i in range(5): threading.Thread(target=block, daemon=True).start()
for i in range(5): threading.Thread(target=spin, daemon=True).start()
time.sleep(0.2)
print('ending', flush=True)
os._exit(3)
"""

CHURN = r"""
import threading
def f():
    open('f3').close()
for i in range(300):
    ts = [threading.Thread(target=f) for _ in range(4)]
    [t.start() for t in ts]; [t.join() for t in ts]
print('churned')
"""

CWD = r"""
# One cwd and one table of descriptors for all threads.
import os, threading
os.chdir('sub')
out = []
t = threading.Thread(target=lambda: (out.append(open('inner').read()), os.chdir('..'))); t.start(); t.join()
print(out, open('sub/inner').read(), os.path.basename(os.getcwd()))
"""

SPAWN = r"""
import ctypes, os, subprocess, sys, threading
print(subprocess.run(['/bin/echo', 'by subprocess'], stdout=subprocess.PIPE).stdout)
print(os.system('exit 3') >> 8, subprocess.call(['/bin/sh', '-c', 'cat /etc/hostname > /dev/null && exit 4']))
pid = os.posix_spawn('/bin/true', ['true'], {}); print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
pid = os.fork()
if not pid:
    for i in range(50): open('f1').close()
    os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
r, w = os.pipe(); pid = os.fork()
if not pid:
    if os.fork(): os._exit(0)       # an orphan goes on
    os.write(w, b'from the grandchild'); os._exit(0)
os.waitpid(pid, 0); print(os.read(r, 99))
def child(): print(subprocess.run([sys.executable, '-c', 'print(open("f2").read())'], stdout=subprocess.PIPE).stdout, flush=True)
ts = [threading.Thread(target=child) for _ in range(4)]; [t.start() for t in ts]; [t.join() for t in ts]
import multiprocessing
with multiprocessing.get_context('fork').Pool(2) as pool: print(pool.map(abs, [-1, -2, 3]))
"""

EXEC_BY_THREAD = r"""
import os, sys, threading, time
threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
def go():
    time.sleep(0.05)
    os.execv(sys.executable, [sys.executable, '-c', 'import os; print("executed", open("f4").read(), len(os.listdir("/proc/self/task")))'])
t = threading.Thread(target=go); t.start(); t.join()
"""


def box_with_files():
    box = h.place()
    h.put(box, "data.txt", "data\n")
    os.symlink("data.txt", box + "/link")
    for i in range(50):
        h.put(box, f"f{i}", f"file {i}\n")
    h.put(box, "sub/inner", "inner\n")
    os.mkfifo(box + "/fifo")
    return box


def leader_first(box):
    ways = {
        "pthread_exit": "libc.pthread_exit.argtypes = [ctypes.c_void_p]; libc.pthread_exit(None)",
        "the system call exit": "libc.syscall(60, 0)",
    }
    for name, code in ways.items():
        script = h.put(box, "leader.py", LEADER_FIRST.replace("EXIT", code))
        for calls in "brokered", "all":
            run = h.proctor([h.PYTHON, script], "--calls", calls, cwd=box, timeout=30)
            h.check(
                f"the first thread ends by {name}, the others go on (--calls {calls})",
                run.status == 5 and run.out == b"refused\nanother data\n\ndone\n",
                run,
            )
            h.check(
                "with status and log to the end",
                run.verdict.get("exit") == {"code": 5, "signal": None}
                and run.verdict["violations"] == 1
                and run.last("end"),
                run.verdict,
            )
    script = h.put(
        box, "leader.py", LEADER_FIRST.replace("EXIT", ways["the system call exit"]).replace("    os._exit(5)\n", "")
    )
    run = h.proctor([h.PYTHON, script], cwd=box, timeout=30)
    h.check(
        "the first thread ends first, the last ends without an exit status of its own",
        run.status == 0 and run.out.endswith(b"done\n"),
        run,
    )
    hang = h.put(
        box,
        "leader-hangs.py",
        "import ctypes, threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()\n"
        "ctypes.CDLL(None).syscall(60, 0)\n",
    )
    run = h.proctor([h.PYTHON, hang], "--wall", "500ms", cwd=box, timeout=30)
    h.check(
        "a limit ends a program without its first thread",
        run.verdict.get("status") == "TO" and run.seconds < 0.5 + h.MARGIN,
        run,
    )
    spin = h.put(
        box,
        "leader-spins.py",
        "import ctypes, threading\ndef f():\n    while True: pass\nthreading.Thread(target=f).start()\n"
        "ctypes.CDLL(None).syscall(60, 0)\n",
    )
    run = h.proctor([h.PYTHON, spin], "--cpu", "300ms", "--wall", "20s", cwd=box, timeout=30)
    h.check("its CPU time is counted", run.verdict.get("limit", {}).get("name") == "cpu" and run.seconds < 10, run)


def many(box):
    script = h.put(box, "many.py", MANY)
    for n in 20, 200:
        run = h.proctor([h.PYTHON, script], "--env", f"N={n}", cwd=box)
        h.check(f"{n} threads open files at once", run.status == 0 and run.out == b"%d []\n" % n, run)
        opens = [r for r in run.calls("openat") if r["syscall"]["args"][1].startswith('"f')]
        h.check(
            "each open is recorded once, with the thread that made it",
            len(opens) == n * 20
            and len({r["process"]["thread"]["id"] for r in opens}) >= n // 2
            and all(r["syscall"]["ret"] >= 3 for r in opens),
            len(opens),
        )
        h.check(
            "and the summary tells how many threads there were",
            (run.last("summary") or {}).get("threads_peak", 0) > n // 2,
            run.last("summary"),
        )


def others(box):
    run = h.proctor([h.PYTHON, h.put(box, "cut.py", CUT_OFF)], cwd=box, timeout=30)
    h.check("threads that end in the middle of a call", run.status == 3 and run.out == b"ending\n", run)
    blocked = [r for r in run.calls("openat") if "fifo" in r["syscall"]["args"][1]]
    h.check(
        "their calls are in the log, without a result",
        len(blocked) == 5 and all("ret" not in r["syscall"] and r["event"]["outcome"] == "unknown" for r in blocked),
        blocked[:2],
    )
    run = h.proctor([h.PYTHON, h.put(box, "churn.py", CHURN)], cwd=box)
    h.check("1,200 short threads", run.status == 0 and run.out == b"churned\n", run)
    run = h.proctor([h.PYTHON, h.put(box, "cwd.py", CWD)], cwd=box)
    h.check(
        "threads share the working directory",
        run.out == b"['inner\\n'] inner\n %s\n" % os.path.basename(box).encode(),
        run,
    )
    for version, python in h.interpreters():
        bare = h.native([python, "many.py"], env=h.clean_env(N="30"), cwd=box)
        run = h.proctor([python, "many.py"], "--env", "N=30", cwd=box)
        h.check(f"threads of {'.'.join(map(str, version))}", (run.status, run.out) == (0, bare.out), run)


def audit(box):
    bare = h.native([h.PYTHON, h.put(box, "spawn.py", SPAWN)], cwd=box)
    run = h.proctor([h.PYTHON, "spawn.py"], "--mode", "audit", "--calls", "brokered", cwd=box)
    h.check(
        "audit: subprocess, system, posix_spawn, fork, orphans and pools work",
        bare.status == 0 and (run.status, run.out) == (bare.status, bare.out),
        bare,
        run,
    )
    h.check("audit says that it is no sandbox", b"AUDIT" in run.err, run.err)
    audited = [r for r in run.records if r["kind"] == "call" and not r["decision"]["enforced"]]
    h.check(
        "audit: what would have been refused is marked",
        {"vfork", "clone", "fork", "execve"} & {r["event"]["action"] for r in audited},
        {r["event"]["action"] for r in audited},
    )
    h.check(
        "audit: the children's calls are recorded too",
        len({r["process"]["pid"] for r in run.calls()}) >= 10,
        {r["process"]["pid"] for r in run.calls()},
    )
    script = h.put(box, "exec.py", EXEC_BY_THREAD)
    run = h.proctor([h.PYTHON, script], "--mode", "audit", cwd=box, timeout=20)
    h.check(
        "audit: exec by a thread that is not the first", run.status == 0 and run.out == b"executed file 4\n 1\n", run
    )
    run = h.proctor([h.PYTHON, script], cwd=box, timeout=20)
    h.check(
        "enforced: exec by another thread is refused", b"PermissionError" in run.err and run.status != "TIMEOUT", run
    )
    run = h.proctor(
        [h.PYTHON, h.put(box, "left.py", "import os, time\nif not os.fork(): time.sleep(60)\nprint('x')\n")],
        "--mode",
        "audit",
        "--wall",
        "700ms",
        cwd=box,
        timeout=20,
    )
    h.check("audit: a child that stays behind is ended by the wall limit", run.seconds < 0.7 + 2 * h.MARGIN, run)
    burn = "import os, time\nwhile time.process_time() < 0.4: sum(range(50000))\nprint('burnt', flush=True)\nif not os.fork(): time.sleep(90)\n"
    for wall in "2s", "8s", "40s":  # as long as a busy machine needs
        run = h.proctor([h.PYTHON, h.put(box, "burnt.py", burn)], "--mode", "audit", "--wall", wall, cwd=box, timeout=60)
        if b"burnt" in run.out:
            break
    h.check(
        "and what the program used is told, not what the child did",
        run.verdict.get("limit", {}).get("name") == "wall" and run.verdict["cpu_ns"] >= 400_000_000,
        run,
    )


PIPE = r"""
import os, threading
r, w = os.pipe()
data = bytes(range(256)) * 4096
def write():
    view = memoryview(data)
    while view:
        view = view[os.write(w, view):]
    os.close(w)
thread = threading.Thread(target=write)
thread.start()
got = b''
while True:
    # Which might make another descriptor stdout while the other thread writes, and waits for this one.
    copy = os.dup(r)
    os.dup2(copy, 60)
    os.close(copy)
    part = os.read(60, 65536)
    os.close(60)
    if not part:
        break
    got += part
thread.join()
print(got == data, flush=True)
"""


def pipe_under_output():
    """Where output is counted a duplication waits for writes that are under way, and they for it."""
    for options in (), ("--calls", "denied"):
        run = h.proctor([h.PYTHON, "-c", PIPE], "--output", "1KB", *options, timeout=30 + 10 * h.MARGIN)
        h.equal(f"a pipe between threads under --output {options}", (run.status, run.out), (0, b"True\n"))


arena = box_with_files()
leader_first(arena)
many(arena)
others(arena)
audit(arena)
pipe_under_output()
h.equal("no process is left", h.survivors(), [])
h.finish()
