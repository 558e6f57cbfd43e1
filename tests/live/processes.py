#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""process: fork. What programs do with processes is what they do without proctor; all of them are one run: under
the same rules, in one log that says whose each call was, with one end that nothing survives."""

import os
import signal
import sys
import time

sys.dont_write_bytecode = True
import harness as h

FORK = ("--process", "fork")

# Each prints the same with proctor and without. No ids, no times.
PROGRAMS = {
    "fork, wait, status": """
import os, signal, sys
def child(what):
    pid = os.fork()
    if pid == 0:
        what()
        os._exit(0)
    return os.waitpid(pid, 0)[0] == pid, None
def status(what):
    pid = os.fork()
    if pid == 0:
        what()
        os._exit(0)
    got, how = os.waitpid(pid, 0)
    return got == pid, os.waitstatus_to_exitcode(how)
print(status(lambda: os._exit(7)), status(lambda: os.kill(os.getpid(), 9)), status(lambda: None))
print(status(lambda: os.abort()) if False else status(lambda: os._exit(255)))
r, w = os.pipe()
if os.fork() == 0:
    os.close(r); os.write(w, b"through a pipe"); os._exit(0)
os.close(w); print(os.read(r, 100), os.read(r, 100)); print(os.wait()[1])
try: os.wait()
except ChildProcessError as e: print(e.errno)
print(os.getppid() != os.getpid())
pid = os.fork()
if pid == 0:
    signal.pause()
os.kill(pid, 0)
os.kill(pid, signal.SIGTERM)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
try: os.kill(pid, 0)
except ProcessLookupError: print("no such process")
pid = os.fork()
if pid == 0:
    signal.pause()
os.kill(pid, signal.SIGSTOP)
print(os.WIFSTOPPED(os.waitpid(pid, os.WUNTRACED)[1]))
os.kill(pid, signal.SIGCONT)
print(os.WIFCONTINUED(os.waitpid(pid, os.WCONTINUED)[1]))
os.kill(pid, signal.SIGKILL)
print(os.waitid(os.P_PID, pid, os.WEXITED).si_status)
""",
    "signals from a child": """
import os, signal, time
got = []
signal.signal(signal.SIGUSR1, lambda *a: got.append(a[0]))
signal.signal(signal.SIGCHLD, lambda *a: got.append("child"))
pid = os.fork()
if pid == 0:
    os.kill(os.getppid(), signal.SIGUSR1)
    os._exit(3)
while len(got) < 2: time.sleep(0.005)
print(sorted(map(str, got)), os.waitpid(pid, 0)[1] >> 8)
signal.signal(signal.SIGCHLD, signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
child = os.fork()
if child == 0:
    os.kill(os.getppid(), signal.SIGUSR2)
    os._exit(0)
info = signal.sigwaitinfo([signal.SIGUSR2])
print(info.si_pid == child, info.si_uid == os.getuid())
os.waitpid(child, 0)
print(os.getpgid(os.getpid()) == os.getpgid(0), os.getsid(0) == os.getsid(os.getpid()))
""",
    "memory in common": """
import mmap, os
m = mmap.mmap(-1, 20000)
m[0:3] = b"one"
private = bytearray(b"mine")
if os.fork() == 0:
    m[10000:10003] = b"two"; private[:] = b"gone"; os._exit(0)
os.wait(); print(m[0:3], m[10000:10003], private, len(m))
m.close()
for i in range(600):
    with mmap.mmap(-1, 4096) as n: n[0] = 1
print("600 of them")
try: mmap.mmap(-1, 1 << 62)
except (OSError, OverflowError, MemoryError) as e: print("too much")
""",
    "threads that fork": """
import os, threading
def work(i):
    pid = os.fork()
    if pid == 0: os._exit(i)
    out.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
out = []
threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
print(sorted(out))
def deep(n):
    if n == 0: return 42
    pid = os.fork()
    if pid == 0: os._exit(deep(n - 1))
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(deep(8))
""",
    "multiprocessing by fork": """
import multiprocessing, os, queue
mp = multiprocessing.get_context("fork")
def square(x): return x * x
def fail(x): raise ValueError(x)
def put(q, e): q.put("hello"); e.wait(); q.put("bye")
def add(v, l):
    for _ in range(200):
        with l: v.value += 1
with mp.Pool(3) as pool:
    print(pool.map(square, range(20)))
    try: pool.map(fail, [1])
    except ValueError as e: print("ValueError", e)
    print(sorted(pool.imap_unordered(square, range(5))), pool.apply_async(square, (9,)).get(20))
q, e = mp.Queue(), mp.Event()
p = mp.Process(target=put, args=(q, e)); p.start()
print(q.get(timeout=20)); e.set(); print(q.get(timeout=20)); p.join(); print(p.exitcode)
try: q.get(timeout=0.05)
except queue.Empty: print("empty")
v, l = mp.Value("i", 0), mp.Lock()
ps = [mp.Process(target=add, args=(v, l)) for _ in range(3)]
[p.start() for p in ps]; [p.join() for p in ps]; print(v.value)
a, b = mp.Pipe()
p = mp.Process(target=lambda c: c.send(c.recv() + 1), args=(b,)); p.start(); a.send(41); print(a.recv()); p.join()
c, s, bar = mp.Condition(), mp.Semaphore(2), mp.Barrier(3)
def at(bar): bar.wait(20)
ps = [mp.Process(target=at, args=(bar,)) for _ in range(2)]
[p.start() for p in ps]; print(bar.wait(20) in (0, 1, 2)); [p.join() for p in ps]; print([p.exitcode for p in ps])
array = mp.Array("d", 4)
def fill(array): array[2] = 2.5
p = mp.Process(target=fill, args=(array,)); p.start(); p.join(); print(list(array))
p = mp.Process(target=square); p.start(); p.join(); print(p.exitcode)
import time
p = mp.Process(target=time.sleep, args=(60,)); p.start(); p.terminate(); p.join(); print(p.exitcode, p.is_alive())
p = mp.Process(target=time.sleep, args=(60,)); p.start(); p.kill(); p.join(); print(p.exitcode)
""",
    "concurrent.futures": """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor, as_completed
def cube(x): return x ** 3
with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
    print(list(pool.map(cube, range(10))), sorted(f.result() for f in as_completed([pool.submit(cube, i) for i in range(5)])))
""",
}


def compare(python, version):
    """All of them as one program: starting each by itself would take most of the time."""
    script = h.put(h.place(), "p.py", "".join(f"print({name!r})\n{text}" for name, text in PROGRAMS.items()))
    want = h.native([python, script])
    run = h.proctor([python, script], *FORK)
    h.check(f"{version}: {', '.join(PROGRAMS)}: as without proctor", (run.status, run.out) == (want.status, want.out) and want.status == 0, run, want)
    # From 3.12 on a fork among threads is warned of, and the line of source looked for in a file of this name.
    refused = [r for r in run.refused() if not r.get("file", {}).get("path", "").endswith("/<unknown>")]
    h.check(f"{version}: nothing is refused", not refused, refused[:2])


def one_log():
    h.title("one log")
    script = h.put(
        h.place(),
        "p.py",
        """import os
def look(what):
    try: open(what)
    except OSError: pass
look("/etc/first")
pid = os.fork()
if pid == 0:
    look("/etc/second")
    if os.fork() == 0:
        look("/etc/third")
        os._exit(0)
    os.wait()
    os._exit(0)
os.waitpid(pid, 0)
""",
    )
    run = h.proctor([h.PYTHON, script], *FORK)
    seen = {r["file"]["path"]: r for r in run.refused()}
    pids = [seen[p]["process"]["pid"] for p in ("/etc/first", "/etc/second", "/etc/third")]
    parents = [seen[p]["process"]["parent"]["pid"] for p in ("/etc/first", "/etc/second", "/etc/third")]
    h.check("each record says whose call it was, and who made that process", len(set(pids)) == 3 and parents[1:] == pids[:2], seen)
    h.check("the making is a record", [r["syscall"]["ret"] for r in run.calls("clone") if r["decision"]["action"] == "allow"] == pids[1:], run.calls("clone"))
    h.check("and says which rule", run.calls("clone")[0]["rule"] == {"id": "process", "ref": "--process"}, run.calls("clone")[:1])
    for path, line in ("/etc/first", 5), ("/etc/second", 8), ("/etc/third", 10):
        frames = [(f["line"], f["function"]) for f in seen[path].get("stack", {}).get("python", [])]
        h.check(f"{path}: the stack of that process", [f[1] for f in frames] == ["look", "<module>"] and frames[1][0] == line, seen[path])
    end = run.last("end")
    h.equal("how many there were", end["processes"], {"made": 3, "peak": 3, "left": []})


def one_end():
    h.title("one end")
    script = h.put(
        h.place(),
        "p.py",
        """import os, sys, time
pids = []
for _ in range(2):
    pids.append(os.fork())
    if pids[-1] == 0:
        time.sleep(60)
        print("never")
print(*pids, flush=True)
sys.exit(5)
""",
    )
    run = h.proctor([h.PYTHON, script], *FORK)
    pids = [int(w) for w in run.out.split()]
    h.check("the first process ends: the others do, and its status is the run's", run.status == 5 and run.seconds < 30, run)
    h.equal("the record says which", sorted(run.last("end")["processes"]["left"]), sorted(pids))
    h.equal("the verdict is the first one's", run.verdict.get("status"), "RE")
    h.check("nothing is left", not h.survivors(), h.survivors())
    script = h.put(h.place(), "q.py", "import os, time\nif os.fork() == 0:\n    os.kill(os.getpid(), 11)\nos.wait()\nprint('on')\n")
    run = h.proctor([h.PYTHON, script], *FORK)
    h.check("a child that dies of a signal is not the run's end", run.status == 0 and run.out == b"on\n", run)
    h.check("nor its cause", run.verdict.get("cause", {}).get("kind") == "exit", run.verdict)
    h.check("but in the log", any(r["kind"] == "signal" and r["fatal"] for r in run.records), run)
    script = h.put(h.place(), "r.py", "import os, time\nif os.fork() == 0:\n    raise ValueError('child')\nos.wait()\nraise KeyError('parent')\n")
    run = h.proctor([h.PYTHON, script], *FORK)
    h.equal("the cause is the first process's exception", run.verdict["cause"]["exception"]["type"], "KeyError")
    script = h.put(h.place(), "s.py", "import os, time\nfor _ in range(3):\n    os.fork()\nprint('up', flush=True)\ntime.sleep(60)\n")
    child = h.start([h.PYTHON, script], *FORK, stdout=-1)
    os.read(child.stdout.fileno(), 3)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    h.check("the supervisor is killed: nothing is left", not h.survivors(), h.survivors())


def limits():
    h.title("limits")
    place = h.place()
    forked = h.put(place, "m.py", "import os, time\nbig = bytearray(os.urandom(4096)) * 10000\nfor _ in range(5):\n    if os.fork() == 0:\n        time.sleep(0.3)\n        os._exit(0)\nfor _ in range(5): os.wait()\nprint('done')\n")
    run = h.proctor([h.PYTHON, forked], *FORK, "--memory", "100MiB")
    h.check("pages that several processes have count once", run.status == 0 and run.out == b"done\n", run)
    used = run.verdict.get("memory_bytes", 0)
    h.check("and are told once", 40 << 20 < used < 100 << 20, used)
    for name, text, options, status in (
        ("memory", "import os, time\nfor _ in range(5):\n    if os.fork() == 0:\n        b = bytearray(os.urandom(4096)) * 10000\n        time.sleep(5)\ntime.sleep(6)\n", ("--memory", "100MiB"), "ML"),
        ("CPU time", "import os\nfor _ in range(4): os.fork()\nwhile True: pass\n", ("--cpu", "500ms"), "TO"),
        ("elapsed time", "import os, time\nos.fork()\ntime.sleep(60)\n", ("--wall", "500ms"), "TO"),
        ("output", "import os, time\nfor _ in range(3): os.fork()\nos.write(1, b'x' * 400)\ntime.sleep(1)\n", ("--output", "1000B"), "OL"),
        ("tasks", "import os, time\nfor _ in range(4): os.fork()\ntime.sleep(2)\n", ("--tasks", "5"), "PV"),
    ):
        run = h.proctor([h.PYTHON, h.put(place, "l.py", text)], *FORK, *options)
        h.check(f"{name}: of all processes together", run.verdict.get("status") == status, run)
        if name == "output":
            h.check("no more comes out than the limit", 0 < len(run.out) <= 1000, len(run.out))
    h.check("nothing is left", not h.survivors(), h.survivors())


def without():
    h.title("without the grant")
    script = h.put(h.place(), "p.py", "import os\ntry: os.fork()\nexcept PermissionError: print('refused')\n")
    run = h.proctor([h.PYTHON, script])
    h.check("a fork is refused", run.out == b"refused\n" and run.calls("clone", decision="deny"), run)
    h.check("records say nothing of parents", not any("parent" in r.get("process", {}) for r in run.records), run)
    h.check("nor the end of processes", "processes" not in run.last("end"), run.last("end"))
    h.check("explain names the line", b"--process fork" in h.explained(run.log_path).encode(), h.explained(run.log_path))
    place = h.place()
    policy = h.put(place, "p.yaml", "version: 1\nname: p\nextends: builtin:pure\nprocess: fork\n")
    script = h.put(place, "q.py", "import os\nif os.fork() == 0: os._exit(0)\nos.wait()\nprint('made')\n")
    run = h.proctor([h.PYTHON, script], "--policy", policy)
    h.check("a policy grants it", run.out == b"made\n", run)
    h.check("its line is in the record", run.calls("clone")[0]["rule"]["ref"] == policy + ":4:1", run.calls("clone")[:1])
    run = h.proctor([h.PYTHON, script], "--policy", policy, "--process", "no")
    h.check("the option takes it back", b"PermissionError" in run.err, run)


def audited(python, version):
    """Other programs close all descriptors that they find; proctor's own are none of theirs, in audit mode too."""
    script = h.put(h.place(), "p.py", "import multiprocessing, subprocess, sys\nif __name__ == '__main__':\n"
                   "    with multiprocessing.get_context('spawn').Pool(1) as p: print(p.map(abs, [-1, 2]))\n"
                   "    print(subprocess.run([sys.executable, '-c', 'print(3)'], capture_output=True, close_fds=True).stdout)\n")
    run = h.proctor([python, script], "--mode", "audit", "-q")
    h.equal(f"{version}: audit mode sees programs that close their descriptors", (run.status, run.out), (0, b"[1, 2]\nb'3\\n'\n"))


for version, python in h.interpreters():
    compare(python, ".".join(map(str, version)))
    audited(python, ".".join(map(str, version)))
one_log()
one_end()
limits()
without()
h.finish()
