#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""proctor pool and proctor run --warm: what was forked from a held interpreter is to its program, to its record
and to whoever looks at it from outside what an executed one would be; nothing passes from one run to the next; and
what a pool cannot give is run cold, with a sentence.
"""

import errno
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
import harness as h
import schema

if h.not_held():
    h.skip_all(h.not_held())
WHERE = h.place()
SUBMISSION = os.path.join(WHERE, "sub")
os.mkdir(SUBMISSION)
VERDICT = schema.load("verdict.schema.json")


class Pool:
    def __init__(self, *options, python=h.PYTHON, env=None, **popen):
        self.path = os.path.join(WHERE, f"pool-{os.urandom(4).hex()}")
        self.log = open(self.path + ".err", "w+b")
        argv = [h.PROCTOR, "pool", "--listen", self.path, "--python", python, *options]
        self.child = subprocess.Popen(argv, stderr=self.log, stdin=subprocess.DEVNULL, env=env or h.clean_env(), **popen)
        if not h.wait_for(lambda: os.path.exists(self.path)):
            h.check("the pool listens", False, self.told())

    def told(self):
        self.log.seek(0)
        return self.log.read()

    def templates(self):
        return [int(n) for n in re.findall(rb"a template is held: process (\d+)", self.told())]

    def end(self):
        self.child.send_signal(signal.SIGTERM)
        return self.child.wait(10)


def script(text, name="run.py", directory=SUBMISSION):
    return h.put(directory, name, text)


def mode(run):
    return run.verdict.get("warm", {}).get("mode")


def why(run):
    return run.verdict.get("warm", {}).get("why", "")


def run(pool, words, *options, **more):
    more.setdefault("cwd", SUBMISSION)
    python = [] if words[0] == h.PYTHON else ["--python", h.PYTHON]
    return h.proctor(words, *python, "--warm", pool.path, *options, **more)


pool = Pool("--preload", "decimal,json")

h.title("the service")
h.equal("its socket is its user's alone", stat.S_IMODE(os.stat(pool.path).st_mode), 0o600)
other = subprocess.run([h.PROCTOR, "pool", "--listen", pool.path, "--python", h.PYTHON], stderr=subprocess.PIPE, check=False)
h.check("no second one takes its socket", other.returncode == 64 and os.path.exists(pool.path), other)
# One that is only bound is somebody's too; one that nobody has is not.
bound, left = socket.socket(socket.AF_UNIX), os.path.join(WHERE, "bound")
bound.bind(left)
for whose in "of a process that does not listen yet", "that was left behind":
    other = subprocess.Popen([h.PROCTOR, "pool", "--listen", left, "--python", h.PYTHON], stderr=subprocess.PIPE)
    told = other.stderr.readline()
    h.check(f"a socket {whose}", (b"in use" in told) == bool(bound), told)
    other.kill()
    other.communicate()
    if bound: bound = bound.close()
# It is killed, so each round begins with a socket that is nobody's; of several that find it one takes it.
for _ in range(3):
    many = [subprocess.Popen([h.PROCTOR, "pool", "--listen", left, "--python", h.PYTHON], stderr=subprocess.PIPE) for _ in range(6)]
    told = [other.stderr.readline() for other in many]
    h.equal("of several at once one has the name", sorted(b"in use" in line for line in told), [False] + 5 * [True])
    client = socket.socket(socket.AF_UNIX)
    h.equal("and listens at it", client.connect_ex(left), 0)
    client.close()
    for other in many:
        other.kill()
        other.communicate()
# Whose name was taken away leaves another's alone.
def another():
    other = subprocess.Popen([h.PROCTOR, "pool", "--listen", left, "--python", h.PYTHON], stderr=subprocess.PIPE)
    h.check("it listens", b"in use" not in other.stderr.readline())
    return other


first = another()
os.unlink(left)
second = another()
for ended, there in (first, True), (second, False):
    ended.terminate()
    ended.communicate()
    h.equal("the name of a pool that ended is gone, and no other", os.path.exists(left), there)
for option, value in ("--preload", "os;x"), ("--preload", "a..b"), ("--mode", "slow"), ("--mode", ""), ("--start-within", "0"), ("--renew-runs", "0"):
    done = subprocess.run([h.PROCTOR, "pool", "--listen", "x", option, value], stderr=subprocess.PIPE, check=False)
    h.check(f"{option} {value} is an error", done.returncode == 64 and value.encode() in done.stderr, done)

h.title("the same output")
SAME = {
    "names": "import sys; print(sys.argv, sys.orig_argv if hasattr(sys, 'orig_argv') else 0, __file__, __name__, sys.path, sys.flags)",
    "stdin": "import sys; print(sys.stdin, sys.stdout, sys.stderr, sys.stdin.read()); print(sys.stdin.buffer.seekable())",
    "an exception": "def f(x):\n  return 1 / x\nf(0)",
    "an exit status": "import sys; sys.stdout.write('no newline'); sys.exit(7)",
    "a signal": "import os, signal; print('x', flush=True); os.kill(os.getpid(), signal.SIGTERM)",
    "an end with threads and hooks": "import atexit, threading, time\n"
    "class D:\n def __del__(self): print('del')\nd = D()\n"
    "atexit.register(print, 'atexit')\nthreading.Thread(target=lambda: (time.sleep(.02), print('thread'))).start()",
    "environment": "import os, ctypes; print(dict(os.environ)); c = ctypes.CDLL(None); c.getenv.restype = ctypes.c_char_p; print(c.getenv(b'MINE'), c.getenv(b'PATH'))",
    "directory": "import os; print(os.getcwd(), os.listdir('.') == os.listdir(os.getcwd()))",
    "signals": "import signal; print(signal.pthread_sigmask(0, []), [(s, signal.getsignal(s)) for s in (2, 13, 17, 25)])",
    "resources": "import resource; print([resource.getrlimit(i) for i in range(16) if i not in (0, 7)], resource.getrlimit(7)[0] > 9)",
    "descriptors": "import os\nfor fd in range(64):\n  try: print(fd, os.fstat(fd).st_mode, os.get_inheritable(fd))\n  except OSError: pass",
    "a refusal": "try: open('/etc/shadow')\nexcept OSError as e: print(e)\nopen('/etc/shadow')",
    "the first thread": "import threading, os; print(threading.main_thread().native_id == os.getpid() == threading.get_native_id())",
    "a fresh __main__": "print(sorted(globals()), __builtins__)",
}
for name, text in SAME.items():
    words = [script(text), "b c", "é\udc80"] if name == "names" else ["run.py"]
    script(text)
    cold = h.proctor(words, "--python", h.PYTHON, "--env", "MINE=1 2", stdin=b"a\nb", cwd=SUBMISSION)
    warm = run(pool, words, "--env", "MINE=1 2", stdin=b"a\nb")
    h.equal(f"{name}: it is warm", mode(warm), "exact")
    h.equal(f"{name}: status, stdout and stderr", (warm.status, warm.out, warm.err), (cold.status, cold.out, cold.err))
    h.equal(f"{name}: violations", warm.verdict["violations"], cold.verdict["violations"])
    h.equal(f"{name}: cause", warm.verdict["cause"]["kind"], cold.verdict["cause"]["kind"])

TELL = """import os, sys, traceback
print(sys.argv, getattr(sys, 'orig_argv', 0), sys.path[0], sys.flags, __name__, globals().get('__file__'), sorted(globals()), __spec__ and __spec__.name)
print(traceback.format_stack(), os.getpid() == os.getpgrp(), sys.stdin)
"""
h.put(SUBMISSION, "module.py", TELL + "def f():\n  return 1 / 0\nf()\n")
for words, given in (
    (["-c", TELL + "print(sys.stdin.read())\n1 / 0", "b c", "é\udc80"], b"text"),
    (["-O", "-m", "module", "x"], b""),
    (["-m", "absent.module"], b""),
    (["-", "x"], TELL.encode() + b"def f():\n  return 1 / 0\nf()\n"),
    (["-c", "(:"], b""),
):
    cold, warm = (h.proctor([h.PYTHON, *words], *way, stdin=given, cwd=SUBMISSION) for way in ([], ["--warm", pool.path]))
    h.equal(f"{words[:2]}: it is warm", mode(warm), "exact")
    h.equal(f"{words[:2]}: status, stdout and stderr", (warm.status, warm.out, warm.err), (cold.status, cold.out, cold.err))
    h.equal(f"{words[:2]}: violations", warm.verdict["violations"], cold.verdict["violations"])
    h.equal(f"{words[:2]}: cause", *({**r.verdict["cause"], "seq": 0} for r in (warm, cold)))
os.remove(os.path.join(SUBMISSION, "module.py"))
policy = h.put(WHERE, "start.yaml", f'version: 1\nextends: builtin:pure\nenv: {{A: "1 2", PASSED: b}}\ncwd: {WHERE}\numask: 027\n')
script("import os; print(dict(os.environ), os.getcwd(), os.umask(0))")
cold = h.proctor(["run.py"], "--python", h.PYTHON, "-p", policy, cwd=SUBMISSION)
warm = run(pool, ["run.py"], "-p", policy)
h.equal("what a policy says of the start: it is warm", mode(warm), "exact")
h.check("and as it says", warm.out == cold.out and b"'A': '1 2'" in warm.out and WHERE.encode() + b" 23\n" in warm.out, warm, cold)

threads = [word for name in ("OPENBLAS", "OMP", "MKL", "NUMEXPR") for word in ("--env", name + "_NUM_THREADS=4")]
script("import os; print({n: v for n, v in os.environ.items() if 'THREADS' in n})")
cold, warm = (h.proctor(["run.py"], "--python", h.PYTHON, *threads, *way, cwd=SUBMISSION) for way in ([], ["--warm", pool.path]))
h.equal("numbers of threads of numeric libraries, as policy/examples/science.yaml has them", (mode(warm), warm.out), ("exact", cold.out))
script("import sys\ndef f():\n  'text'\n  assert 0\nprint(sys.flags, sys.path, sys.orig_argv if hasattr(sys, 'orig_argv') else 0, sys.stdout, f.__doc__, sys.stdout.write_through)\nprint(open('/proc/self/cmdline').read().split('\\0'), file=sys.stderr)\nf()")
for option in ["-O"], ["-OO", "-u"], ["-I"], ["-E", "-s"], ["-S", "-bb"]:
    cold, warm = (h.proctor([h.PYTHON, *option, "run.py", "-X"], *way, cwd=SUBMISSION) for way in ([], ["--warm", pool.path]))
    h.equal(f"{option}: it is warm", mode(warm), "exact")
    h.equal(f"{option}: status, stdout and stderr", (warm.status, warm.out, warm.err), (cold.status, cold.out, cold.err))
script("""
import os, site, sys, tempfile
s = os.environ['HOME']
print([(n, v.replace(s, 'S')) for n, v in os.environ.items()], tempfile.gettempdir() == s, os.listdir(s), os.getcwd().replace(s, 'S'))
print(site.USER_BASE.replace(s, 'S'), site.USER_SITE.replace(s, 'S'), [p.replace(s, 'S') for p in sys.path], os.path.expanduser('~') == s)
with open(s + '/f', 'w') as f: print(f.write('x'))
with tempfile.TemporaryFile() as f: print(f.write(b'yz'), os.stat(s + '/f').st_size)
try: open('/tmp/other', 'w')
except OSError as e: print(e)
""")
for more in "--scratch", "--scratch=1MiB":
    cold, warm = (h.proctor(["run.py"], "--python", h.PYTHON, more, "--collect", f"f={WHERE}/{name}{len(more)}", *way, cwd=SUBMISSION, env=h.clean_env(TMPDIR=WHERE))
                  for name, way in (("cold", []), ("warm", ["--warm", pool.path])))
    h.equal(f"{more}: it is warm", (mode(warm), warm.verdict["warm"]["finalised"]), ("exact", True))
    h.equal(f"{more}: status, stdout and stderr", (warm.status, warm.out, warm.err), (cold.status, cold.out, cold.err))
    h.equal("what it has made is handed back", os.listdir(f"{WHERE}/warm{len(more)}"), ["f"])

script("""
import gc, multiprocessing, os, subprocess, sys
class D:
    def __del__(self, me=os.getpid()): os.write(1, b'del %d\\n' % (os.getpid() == me))
def square(n): return n * n
d = D()
print(gc.get_freeze_count(), os.getpid() == os.getpgrp(), flush=True)
pid = os.fork()
if pid == 0: sys.exit(5)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
with multiprocessing.get_context('fork').Pool(2) as made: print(made.map(square, range(5)), flush=True)
if os.fork() == 0: os.kill(os.getpid(), 9)
print(os.wait()[1])
for who in 0, -1:
    try: os.kill(who, 9)
    except OSError as e: print(e)
print(subprocess.run([sys.executable, '-c', 'import gc; print(gc.get_freeze_count())'], capture_output=True), flush=True)
os.execv(sys.executable, [sys.executable, '-c', 'import sys; print(sys.argv, open(sys.argv[1]).read(6))', __file__])
""")
cold, warm = (h.proctor(["run.py"], "--python", h.PYTHON, "--process", "fork", *way, cwd=SUBMISSION) for way in ([], ["--warm", pool.path]))
h.equal("processes of its own: it is warm", (mode(warm), warm.verdict["warm"]["finalised"]), ("exact", True))
h.equal("processes of its own: status, stdout and stderr", (warm.status, warm.out, warm.err), (cold.status, cold.out, cold.err))

h.title("the record")
warm = run(pool, ["run.py"])
h.equal("the verdict is one", schema.offences(warm.verdict, VERDICT), [])
h.equal("it says what had been imported", warm.verdict["warm"]["preload"], ["decimal", "json"])
h.check("how many runs there were", warm.verdict["warm"]["runs"] >= 1, warm.verdict["warm"])
h.equal("so does the start record", {**warm.records[0]["settings"]["warm"], "finalised": True}, warm.verdict["warm"])
h.equal("without --warm nothing is said", "warm" in h.proctor(["run.py"], cwd=SUBMISSION).verdict, False)
h.check("CPU time begins at 0", warm.verdict["cpu_ns"] < 2e9, warm.verdict)

h.title("from outside")
script("import sys; print('up', flush=True); sys.stdin.read()")


def looked_at(*options, words=None):
    child = h.start(
        *([words] if words else [["run.py"], "--python", h.PYTHON]), *options, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=SUBMISSION
    )
    child.stdout.readline()
    h.wait_for(lambda: h.read_log(child.log_path), 60)  # it is written within a second
    pid = h.read_log(child.log_path)[0]["process"]["pid"]
    with open(f"/proc/{pid}/status") as text:
        status = dict(line.split(":", 1) for line in text.read().splitlines())
    with open(f"/proc/{pid}/limits") as text:
        limits = text.read()
    with open(f"/proc/{pid}/cmdline", "rb") as text:
        words = text.read()
    with open(f"/proc/{pid}/environ", "rb") as text:
        environ = text.read()
    with open(f"/proc/{pid}/maps") as text:
        maps = text.read()
    fds = {fd: re.sub(r"\d{3,}", "N", os.readlink(f"/proc/{pid}/fd/{fd}")) for fd in os.listdir(f"/proc/{pid}/fd")}
    names = "Name Umask Uid Gid Groups Threads SigBlk SigIgn SigCgt CapInh CapPrm CapEff CapBnd CapAmb NoNewPrivs Seccomp Seccomp_filters"
    told = {name: status.get(name) for name in names.split()}
    told.update(limits=limits, words=words, environ=environ, cwd=os.readlink(f"/proc/{pid}/cwd"), exe=os.readlink(f"/proc/{pid}/exe"), fds=fds)
    child.communicate(b"")
    return told, maps


cold, _ = looked_at("--env", "A=b")
warm, maps = looked_at("--env", "A=b", "--warm", pool.path)
for name, value in cold.items():
    h.equal(f"{name} is that of an executed one", warm[name], value)
h.check("the scratch is there, and only to be read", re.search(r"^0*100000-0*200000 r--s", maps, re.M), maps[:300])
h.check("nothing is left of the call list", not re.search(r"^0*200000-", maps, re.M), maps[:300])

for program in ["-c", "import sys; print('up', flush=True); sys.stdin.read()", "b c"], ["-m", "run", "é"]:
    cold, warm = (looked_at(*way, words=[h.PYTHON, *program])[0] for way in ([], ["--warm", pool.path]))
    h.equal(f"{program}: its command line", (warm["words"], warm["environ"]), (cold["words"], cold["environ"]))

h.title("nothing passes from one run to the next")
script("""
import builtins, decimal, json, os, random, sys
print(getattr(builtins, 'left', None), decimal.getcontext().prec, hasattr(json, 'left'), 'LEFT' in os.environ, os.getcwd() == sys.path[0])
print(sys.stdin.buffer.raw.read(3), random.random(), os.urandom(4).hex(), file=sys.stderr)
builtins.left = 1; builtins.print = None
decimal.getcontext().prec = 5; json.left = 1; os.environ['LEFT'] = '1'; os.chdir('/usr')
sys.modules['os'] = None
""")
held = h.put(WHERE, "input", b"123456")
seen = []
for _ in range(3):
    with open(held, "rb") as text:
        seen.append(run(pool, ["run.py"], stdin=text))
h.equal("all are warm", [mode(r) for r in seen], ["exact"] * 3)
h.equal("objects and environment are fresh", {r.out for r in seen}, {b"None 28 False False True\n"})
h.equal("random numbers are new", len({r.err for r in seen}), 3)
h.check("each reads its stdin from where it stood", all(b"b'123'" in r.err for r in seen), seen)
h.equal("they were of one template", len(pool.templates()), len(set(pool.templates())))

h.title("where pidfd_getfd is forbidden, as in a container")
script("import os, sys; print(sys.argv, sys.stdin.read(), [fd for fd in range(64) if os.path.exists(f'/proc/self/fd/{fd}')]); open('/etc/shadow')")
behind = {"preexec_fn": h.forbid((438, errno.EPERM))}
contained = Pool(**behind)
cold = h.proctor(["run.py"], "--python", h.PYTHON, stdin=b"text", cwd=SUBMISSION, **behind)
over = threading.Event()


def intrude():
    """Connects to every abstract name of the kernel's choice, and sends descriptors of its own."""
    while not over.is_set():
        with open("/proc/net/unix", encoding="utf-8") as text:
            names = re.findall(r"@([0-9a-f]{5})$", text.read(), re.M)
        for name in names:
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as stranger:
                stranger.setblocking(False)
                try:
                    stranger.connect("\0" + name)
                    socket.send_fds(stranger, [b"x"], [0, 1, 2])
                except OSError:
                    pass


for how in "alone", "while others connect":
    over.clear()
    intruders = [threading.Thread(target=intrude) for _ in range(2 * (how != "alone"))]
    for thread in intruders:
        thread.start()
    runs = [run(contained, ["run.py"], stdin=b"text", **behind) for _ in range(10)]
    over.set()
    for thread in intruders:
        thread.join()
    h.check(f"{how}: they are warm", [mode(r) for r in runs] == ["exact"] * 10 or (how != "alone" and "exact" in map(mode, runs)), [why(r) for r in runs])
    h.check(f"{how}: status, stdout and violations", all((r.status, r.out, r.verdict["violations"]) == (cold.status, cold.out, 1) for r in runs), cold, *runs[:2])
contained.end()

h.title("packages of the user's, which the policy hides")
home = os.path.join(WHERE, "home")
version = ".".join(map(str, h.sys_version(h.PYTHON)[:2]))
for name in "usercustomize", "mine":
    h.put(home, f".local/lib/python{version}/site-packages/{name}.py", "print('of the user')\n")
script("import os, site, sys; print(site.USER_SITE, site.USER_BASE, site.ENABLE_USER_SITE, sys.path, sys.flags, os.environ); import mine")
of_home = Pool(env=h.clean_env(HOME=home))
cold, warm = (h.proctor(["run.py"], "--python", h.PYTHON, "--env", "HOME", *way, env=h.clean_env(HOME=home), cwd=SUBMISSION)
              for way in ([], ["--warm", of_home.path]))
h.equal("it is warm", mode(warm), "exact")
h.equal("status, stdout and stderr", (warm.status, warm.out, warm.err), (cold.status, cold.out, cold.err))
h.check("and has none of them", b"of the user" not in warm.out and b"No module named 'mine'" in warm.err, warm)
granted = h.proctor(["run.py"], "--python", h.PYTHON, "-r", f"{home}/.local/lib/python{version}/site-packages", "--env", "HOME", "--warm", of_home.path, env=h.clean_env(HOME=home), cwd=SUBMISSION)
h.check("where they are granted it has", granted.out.count(b"of the user") >= 1 and mode(granted) == "exact", granted)
of_home.end()

h.title("cold, with a sentence")
script("print('ran')")
for sentence, wanted, words, options in (
    ("-c in one word with an option", b"words of their own", [h.PYTHON, "-Sc", "print('ran')"], []),
    ("-c with a long text", b"too long", [h.PYTHON, "-c", "print('ran')" + "#" * 4000], []),
    ("-X dev", b"-X", [h.PYTHON, "-X", "dev", "run.py"], []),
    ("PYTHONPATH, which leads to code", b"PYTHONPATH", ["run.py"], ["--env", f"PYTHONPATH={SUBMISSION}"]),
    ("LD_PRELOAD", b"LD_PRELOAD", ["run.py"], ["--env", "LD_PRELOAD=/none.so"]),
    ("another HOME, whose packages would run", b"HOME", ["run.py"], ["--env", f"HOME={SUBMISSION}"]),
    ("a locale that is a path", b"LC_ALL", ["run.py"], ["--env", "LC_ALL=/tmp"]),
    ("compiled files", b"PYTHONDONTWRITEBYTECODE", ["run.py"], ["--env", "PYTHONDONTWRITEBYTECODE="]),
    ("audit mode", b"audit", ["run.py"], ["--mode", "audit"]),
    ("no pool", b"no pool at", ["run.py"], ["--warm", os.path.join(WHERE, "nobody")]),
):
    cold = run(pool, words, *options, env=h.clean_env(TMPDIR=WHERE))
    h.check(f"{sentence}: it runs", b"ran" in cold.out, cold)
    h.check(f"{sentence}: and is told", mode(cold) == "cold" and wanted in why(cold).encode() and b"not warm: " in cold.err, cold)
    h.equal(f"{sentence}: the verdict is one", schema.offences(cold.verdict, VERDICT), [])
h.put(SUBMISSION, "decimal.py", "print('mine')")
script("import decimal; print('ran')")
shadow = run(pool, ["run.py"])
h.equal("a script's own decimal.py is what it imports", (shadow.out, mode(shadow)), (b"mine\nran\n", "cold"))
shadow = run(pool, [h.PYTHON, "-m", "run"])
h.check("for -m and -c too", mode(shadow) == "cold" and b"decimal.py in the working directory" in shadow.err, shadow)
os.remove(os.path.join(SUBMISSION, "decimal.py"))
library = h.native([h.PYTHON, "-c", "import decimal; print(decimal.__file__)"]).out.decode().strip()
h.put(SUBMISSION, "policy.yaml", f"version: 1\nextends: builtin:pure\nhide: [{library}]\n")
hidden = run(pool, ["run.py"], "-p", "policy.yaml")
h.check("a policy that hides what was preloaded gets a program without it", mode(hidden) == "cold" and b"ModuleNotFoundError" in hidden.err, hidden)
listener = socket.socket(socket.AF_UNIX)
listener.bind(os.path.join(WHERE, "false"))
listener.listen(1)
script("print('ran')")
child = h.start(["run.py"], "--python", h.PYTHON, "--warm", os.path.join(WHERE, "false"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, cwd=SUBMISSION)
peer, _ = listener.accept()
peer.sendall(os.urandom(64))
peer.close()
false = h.ended(child)
h.check("a pool that answers nonsense is none", false.out == b"ran\n" and mode(false) == "cold", false)
child = h.start(["run.py"], "--python", h.PYTHON, "--warm", os.path.join(WHERE, "false"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, cwd=SUBMISSION)
peer, _ = listener.accept()
peer.recv(65536)
for signal_, state in (signal.SIGSTOP, b"T"), (signal.SIGCONT, b"S"):
    h.wait_for(lambda: h.stat_fields(child.pid)[0] == b"S" or signal_ == signal.SIGCONT)
    child.send_signal(signal_)
    h.wait_for(lambda: h.stat_fields(child.pid)[0] == state)
peer.close()
stopped = h.ended(child)
h.check("one that is stopped while it waits for its pool waits on", b"Broken pipe" in stopped.err and stopped.out == b"ran\n", stopped)

h.title("many")
script("print(input())", "one.py")
jobs = h.put(SUBMISSION, "jobs.jsonl", "".join(
    json.dumps({"id": f"j{i}", "script": "one.py", "stdin_text": f"{i}\n", "expected_text": f"{i}\n"}) + "\n" for i in range(3)))
batch = subprocess.run([h.PROCTOR, "batch", "-o", os.path.join(WHERE, "out"), "--python", h.PYTHON, "--warm", pool.path, jobs],
                       cwd=SUBMISSION, env=h.clean_env(), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
modes = []
for i in range(3):
    with open(os.path.join(WHERE, "out", "runs", f"j{i}", "verdict.json")) as text:
        modes.append(json.load(text)["warm"]["mode"])
h.equal("the runs of a batch are warm", (batch.returncode, modes), (0, ["exact"] * 3))
PYPY = next((path for path in ("/usr/bin/pypy3",) if os.path.exists(path)), None)


def own(name, *options, command="batch", words=(jobs,), python=h.PYTHON, **more):
    argv = [h.PROCTOR, command, "-q", "-o", os.path.join(WHERE, name), "--python", python, *options, *words]
    done = subprocess.run(argv, cwd=SUBMISSION, env=h.clean_env(), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, **more)
    told = []
    for run in sorted(os.listdir(os.path.join(WHERE, name, "runs"))) if os.path.isdir(os.path.join(WHERE, name, "runs")) else []:
        with open(os.path.join(WHERE, name, "runs", run, "verdict.json")) as text:
            told.append(json.load(text).get("warm"))
    return done, told


def abstract():
    with open("/proc/net/unix") as text:
        return sorted(re.findall(r"@proctor-pool-\w+", text.read()))


before = abstract()
for wanted in "exact", "quick":
    done, told = own(f"own-{wanted}", "--warm", wanted, "--preload", "decimal")
    h.equal(f"--warm {wanted}: with a pool of their own", (done.returncode, done.stderr, [(t["mode"], t["preload"]) for t in told]), (0, b"", [(wanted, ["decimal"])] * 3))
resumed, _ = own("own-quick", "--warm", "quick", "--preload", "decimal", "--resume")
h.equal("the pool's name makes no other job of one", (resumed.returncode, resumed.stderr), (0, b""))
problem = os.path.join(SUBMISSION, "problem")
os.mkdir(problem)
for n in range(2):
    h.put(problem, f"{n}.in", f"{n}\n")
    h.put(problem, f"{n}.ans", f"{n}\n")
h.put(SUBMISSION, "bad.py", "print(\n")
done, told = own("judged", "--warm", "quick", command="judge", words=(problem, "one.py", "bad.py"))
h.equal("submissions are judged warm, and so is their syntax", (done.returncode, [(t["mode"], t["finalised"]) for t in told]), (0, [("quick", True)] + [("quick", False)] * 3))
with open(os.path.join(WHERE, "judged", "judgements.json")) as text:
    h.equal("with the same outcome", [s["verdict"] for s in json.load(text)["submissions"]], ["AC", "CE"])
h.check("what looked at the syntax is gone", not os.path.exists(os.path.join(WHERE, "judged", "syntax.py")))
done, told = own("missing", "--warm", "exact", "--preload", "no_such_module")
h.equal("a preload that cannot be imported is told once", (done.returncode, done.stderr.count(b"cannot import"), {t["mode"] for t in told}), (0, 1, {"cold"}))
# Which interpreter the pool holds is found along PATH; a job may name another one.
others = h.put(SUBMISSION, "others.jsonl", "".join(
    json.dumps({"id": f"{n}", "argv": words, "stdin_text": "1\n"}) + "\n" for n, words in enumerate(
        [["one.py"]] + 3 * [[h.PYTHON, "one.py"]] + [["python3", "-X", "dev", "one.py"]])))
beside = os.path.join(WHERE, "bin")
os.mkdir(beside)
os.symlink(h.PYTHON, os.path.join(beside, "python3"))
for quiet in [], ["-q"]:
    argv = [h.PROCTOR, "batch", *quiet, "-o", os.path.join(WHERE, f"others{len(quiet)}"), "--warm", "quick", others]
    done = subprocess.run(argv, cwd=SUBMISSION, env={**h.clean_env(), "PATH": beside + ":/usr/bin:/bin"}, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    said = b"proctor: batch: 4 runs were not warm; 3 of them: the pool holds " + os.fsencode(beside) + b"/python3\n5 runs: 5 OK\n"
    h.equal("that runs are cold is told at the end, with the commonest reason" + " but if it is to be quiet" * len(quiet), (done.returncode, done.stderr), (0, b"" if quiet else said))
done, told = own("without", "--preload", "decimal")
h.check("--preload needs a pool of one's own", done.returncode == 64 and b"--preload" in done.stderr, done)
done, told = own("names", "--warm", "quick", "--preload", "os;x")
h.check("and names of modules", done.returncode == 64 and b"os;x" in done.stderr, done)
if PYPY:
    done, told = own("pypy", "--warm", "quick", python=PYPY)
    h.check("an interpreter that cannot be held is told, and the runs are made", done.returncode == 0 and b"cannot be held" in done.stderr and {t["mode"] for t in told} == {"cold"}, done, told)
else:
    h.check("no PyPy is here: that it is told is left out", True)
endings = {
    "fine": "print(input())", "seven": "import sys; sys.exit(7)", "spins": "while 1: pass", "raises": "import os; os.listdir('/root/x'); 1/0",
    "floods": "while 1: print('x' * 4096)", "hoards": "x = bytearray(1 << 30)", "reads": "open('/etc/shadow')", "dies": "import os; os.kill(os.getpid(), 9)",
    "leaves": "import os, threading, time; os.chdir('/usr'); threading.Thread(target=time.sleep, args=(60,), daemon=True).start(); print(os.getcwd())",
    "last": "import os; print(os.listdir('.') == sorted(os.listdir('.')), len(os.listdir('/proc/self/fd')) if os.path.exists('/proc/self/fd') else 0)",
}
for name, text in endings.items():
    h.put(SUBMISSION, f"{name}.py", text)
mixed = h.put(SUBMISSION, "mixed.jsonl", "".join(
    json.dumps({"id": f"{name}{i}", "script": f"{name}.py", "stdin_text": f"{i}\n", "limits": {"cpu": "1s"}}) + "\n" for i, name in enumerate([*endings, "fine"])))
facts = {}
for way in [], ["--warm", "quick"]:
    done, told = own(f"mixed{len(way)}", "-j", "1", "--memory", "256MiB", "--output", "64KiB", *way, words=(mixed,))
    with open(os.path.join(WHERE, f"mixed{len(way)}", "results.jsonl")) as lines:
        results = [json.loads(line) for line in lines]
    facts[len(way)] = [[r.get(k) for k in ("id", "verdict", "status", "exit", "violations", "refusals")] + [r["cause"]["kind"]] for r in results]
h.equal("whatever ended the runs before, the next is as it is alone", facts[2], facts[0])
h.equal("and warm", {t["mode"] for t in told}, {"quick"})
# What a worker keeps open for the next run is looked for by its name: a job puts another directory under it.
swapped = os.path.join(WHERE, "swapped")
NEXT = "import glob, os; print(open(os.path.dirname(__file__) + '/deep/told').read(), sorted(glob.glob(os.path.dirname(__file__) + '/*')))"
SWAP = f"""
import os
base = {swapped!r} + '/'
os.rename(base + 'first', base + 'old'); os.mkdir(base + 'first'); os.mkdir(base + 'first/deep')
open(base + 'first/deep/told', 'w').write('new'); open(base + 'first/next.py', 'w').write(open(base + 'old/next.py').read())
os.umask(0); os.chdir(base)
"""
granting = h.put(WHERE, "granting.yaml", f"version: 1\nextends: builtin:pure\nwrite: [{swapped}/**]\n")
outputs = {}
for way in [], ["--warm", "exact"]:
    subprocess.run(["rm", "-rf", swapped], check=True)
    os.makedirs(os.path.join(swapped, "first", "deep"))
    os.mkdir(os.path.join(swapped, "second"))
    h.put(os.path.join(swapped, "first"), "next.py", NEXT)
    h.put(os.path.join(swapped, "first", "deep"), "told", "old")
    jobs_of = [("a", "first/next.py"), ("b", "first/next.py"), ("c", "second/swap.py"), ("d", "first/next.py"), ("e", "first/next.py")]
    h.put(os.path.join(swapped, "second"), "swap.py", SWAP)
    listed = h.put(SUBMISSION, "swapped.jsonl", "".join(json.dumps({"id": n, "script": os.path.join(swapped, s)}) + "\n" for n, s in jobs_of))
    done, told = own(f"swapped{len(way)}", "-j", "1", "-p", granting, *way, words=(listed,))
    texts = []
    for name, _ in jobs_of:
        with open(os.path.join(WHERE, f"swapped{len(way)}", "runs", name, "stdout")) as text:
            texts.append(text.read())
    outputs[len(way)] = texts
h.equal("a directory that was put in place of another is what the next run sees", [t.partition(" ")[0] for t in outputs[2]], ["old", "old", "", "new", "new"])
h.equal("as it does cold", outputs[2], outputs[0])
h.equal("and all are warm", {t["mode"] for t in told}, {"exact"})
# Each run has a scratch of its own in memory, whose numbers are those of the one before: nothing kept may name that.
scratchy = h.put(WHERE, "scratchy.yaml", "version: 1\nextends: builtin:pure\nwrite: \"%{scratch}\"\nprocess: fork\nexec: [/bin/true]\n")
h.put(SUBMISSION, "scratchy.py", """
import os, sqlite3, subprocess, tempfile
print(os.listdir(tempfile.gettempdir()))
with open(tempfile.gettempdir() + '/left', 'w') as f: f.write('left')
table = sqlite3.connect(tempfile.gettempdir() + '/table.db'); table.execute('create table t (n)'); table.commit()
if os.fork() == 0: os._exit(len(os.listdir(tempfile.gettempdir())))
print(os.waitstatus_to_exitcode(os.wait()[1]), subprocess.run(['/bin/true']).returncode)
""")
listed = h.put(SUBMISSION, "scratchy.jsonl", "".join(json.dumps({"id": f"{n}", "script": "one.py" if n == 3 else "scratchy.py", "stdin_text": "1\n"}) + "\n" for n in range(6)))
for how in "exact", "quick":
    done, told = own(f"scratchy-{how}", "-j", "1", "-p", scratchy, "--warm", how, words=(listed,))
    texts = []
    for n in 0, 1, 2, 4, 5:
        with open(os.path.join(WHERE, f"scratchy-{how}", "runs", str(n), "stdout")) as text:
            texts.append(text.read())
    h.equal(f"{how}: each run of a worker has a scratch of its own, and what else is granted", texts, ["[]\n2 0\n"] * 5)
    h.check("and is warm", {t["mode"] for t in told} <= {"exact", "quick"}, told)
two = h.put(SUBMISSION, "two.jsonl", "".join(json.dumps({"id": f"{n}", "script": s, "stdin_text": "1\n"}) + "\n" for n, s in enumerate(["one.py", "sleeps.py", "one.py", "one.py"])))
h.put(SUBMISSION, "sleeps.py", "import time; print('up', flush=True); time.sleep(60)")
child = subprocess.Popen([h.PROCTOR, "batch", "-q", "-j", "1", "-o", os.path.join(WHERE, "two"), "--python", h.PYTHON, "--warm", "quick", two],
                         cwd=SUBMISSION, env=h.clean_env(), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
out = os.path.join(WHERE, "two", "runs", "1", "stdout")
h.wait_for(lambda: os.path.exists(out) and os.path.getsize(out))
for p in h.descendants(child.pid):
    with open(f"/proc/{p}/status") as status, open(f"/proc/{p}/cmdline") as words:
        if words.read().endswith("sleeps.py\0"):
            tracer = next(int(line.split()[1]) for line in status if line.startswith("TracerPid:"))
os.kill(tracer, 9)  # a thread: the signal is for its process
told = child.communicate()[1]
with open(os.path.join(WHERE, "two", "results.jsonl")) as lines:
    results = {r["id"]: r["verdict"] for r in map(json.loads, lines)}
h.equal("a supervisor that dies takes one run with it", (child.returncode, results), (1, {"0": "OK", "1": "JE", "2": "OK", "3": "OK"}))
with open(os.path.join(WHERE, "two", "runs", "3", "verdict.json")) as text:
    h.equal("and the next are warm", json.load(text)["warm"]["mode"], "quick")
# A worker asks over the connection of the run before: the pool ends in between, and everything is made again.
place = os.path.join(WHERE, "bereft")
child = subprocess.Popen([h.PROCTOR, "batch", "-q", "-j", "1", "-o", place, "--python", h.PYTHON, "--warm", "quick", "-"],
                         cwd=SUBMISSION, env=h.clean_env(), stdin=subprocess.PIPE, text=True)
modes, sockets = [], []
for n in range(5):
    child.stdin.write(json.dumps({"id": f"b{n}", "script": "one.py", "stdin_text": f"{n}\n", "expected_text": f"{n}\n"}) + "\n")
    child.stdin.flush()
    done = os.path.join(place, "results.jsonl")
    h.wait_for(lambda n=n: os.path.exists(done) and open(done).read().count("\n") > n, 60)
    with open(os.path.join(place, "runs", f"b{n}", "verdict.json")) as text:
        modes.append(json.load(text)["warm"])
    listener, worker = sorted(h.children_of(child.pid))[:2]
    sockets.append(sorted(os.readlink(f"/proc/{worker}/fd/{fd}") for fd in os.listdir(f"/proc/{worker}/fd") if os.readlink(f"/proc/{worker}/fd/{fd}").startswith("socket:")))
    if n == 2:
        os.kill(listener, signal.SIGKILL)
        h.wait_for(lambda pid=listener: (h.stat_fields(pid) or [b"Z"])[0] in b"ZX")
child.stdin.close()
h.equal("a pool that is gone is missed at the next request", (child.wait(), [m["mode"] for m in modes]), (0, ["quick"] * 3 + ["cold"] * 2))
h.check("and told of", all("no pool" in m["why"] for m in modes[3:]), modes)
h.equal("one connection was for all", (sockets[0] == sockets[1] == sockets[2], len(sockets[0]), len(sockets[4])), (True, 2, 1))
h.put(SUBMISSION, "long.py", "import time; time.sleep(60)")
long = h.put(SUBMISSION, "long.jsonl", json.dumps({"id": "long", "script": "long.py"}) + "\n")
child = subprocess.Popen([h.PROCTOR, "batch", "-q", "-o", os.path.join(WHERE, "long"), "--python", h.PYTHON, "--warm", "quick", long],
                         cwd=SUBMISSION, env=h.clean_env(), stdin=subprocess.DEVNULL)
log = os.path.join(WHERE, "long", "runs", "long", "log.jsonl")
h.wait_for(lambda: os.path.exists(log) and h.read_log(log))
left = h.descendants(child.pid)
h.check("batch, pool, template, run and program", len(left) >= 4, left)
child.kill()
child.wait()
h.check("a batch that is killed leaves no process", h.wait_for(lambda: not [p for p in left if (h.stat_fields(p) or [b"Z"])[0] not in b"ZX"]), left)
h.equal("and no name", (h.wait_for(lambda: abstract() == before), abstract()), (True, before))

h.title("ends")
script("import time; print('up', flush=True); time.sleep(60)")
child = h.start(["run.py"], "--python", h.PYTHON, "--warm", pool.path, stdout=subprocess.PIPE, cwd=SUBMISSION)
child.stdout.readline()
h.wait_for(lambda: h.read_log(child.log_path), 60)
pid = h.read_log(child.log_path)[0]["process"]["pid"]
child.kill()
child.wait()
h.check("a client that is killed takes its program with it", h.wait_for(lambda: (h.stat_fields(pid) or [b"Z"])[0] in b"ZX"))
h.check("and the pool has it no more", h.wait_for(lambda: not h.stat_fields(pid)))
child = h.start(["run.py"], "--python", h.PYTHON, "--warm", pool.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=SUBMISSION)
child.stdout.readline()
child.send_signal(signal.SIGINT)
interrupted = h.ended(child)
h.check("SIGINT is handed on", b"KeyboardInterrupt" in interrupted.err and interrupted.verdict["interrupted"] == "SIGINT", interrupted)
slow = run(pool, ["run.py"], "--wall", "300ms")
h.equal("a limit ends it", (slow.verdict["status"], mode(slow)), ("TO", "exact"))
busy = run(pool, [script("while 1: pass")], "--cpu", "200ms")
h.equal("of CPU time too", (busy.verdict["status"], mode(busy)), ("TO", "exact"))
script("print('ran')")
before = pool.templates()
for template in before:
    try:
        os.kill(template, signal.SIGKILL)
    except ProcessLookupError:
        pass
after = run(pool, ["run.py"])
again = run(pool, ["run.py"])
h.check("a template that was killed is replaced", after.out == again.out == b"ran\n" and mode(again) == "exact", after, again)
h.check("by another", set(pool.templates()) > set(before), pool.told())
silent = [socket.socket(socket.AF_UNIX) for _ in range(40)]
for one in silent:
    one.connect(pool.path)
silent[0].sendall(b"x" * 10)
served = run(pool, ["run.py"])
h.equal("those who say nothing keep nobody waiting for good", mode(served), "exact")
for one in silent:
    one.close()

h.title("what a program may try")
attack = run(
    pool,
    [
        script(f"""
import ctypes, os, signal, socket
libc = ctypes.CDLL(None, use_errno=True)
def tried(name, call):
    try: print(name, 'DONE', call())
    except BaseException as e: print(name, type(e).__name__)
parent = os.getppid()
for pid in [parent, *{[pool.templates()[-1], *h.descendants(pool.child.pid)]}]:
    tried('kill', lambda: os.kill(pid, signal.SIGKILL)); tried('stop', lambda: os.kill(pid, signal.SIGSTOP))
    tried('memory', lambda: open('/proc/%d/mem' % pid, 'rb')); tried('files', lambda: os.listdir('/proc/%d/fd' % pid))
    tried('pidfd', lambda: os.pidfd_open(pid))
    print('ptrace', libc.ptrace(16, pid, 0, 0)); print('group', libc.kill(-pid, 9)); print('prlimit', libc.prlimit(pid, 7, 0, ctypes.byref(ctypes.create_string_buffer(16))))
tried('socket', lambda: socket.socket(socket.AF_UNIX).connect({pool.path!r})); tried('look', lambda: os.stat({pool.path!r}))
tried('area', lambda: ctypes.string_at(0x200000, 1) if libc.msync(0x200000, 4096, 1) == 0 else 1 / 0)
tried('traced', lambda: 1 / 0 if libc.prctl(0x59616d61, -1, 0, 0, 0) else 'x')
tried('group', lambda: os.setpgid(0, parent)); tried('session', os.setsid)
""")
    ],
)
h.equal("it is warm", mode(attack), "exact")
h.check("template, pool and socket are out of reach", b"DONE" not in attack.out.replace(b"traced DONE", b"") and not re.search(rb"(ptrace|group|prlimit) 0", attack.out), attack.out, attack.err)
h.equal("the pool is as it was", (mode(run(pool, [script("print('ran')")])), pool.child.poll()), ("exact", None))
many = [h.start(["run.py"], "--python", h.PYTHON, "--warm", pool.path, stdout=subprocess.PIPE, cwd=SUBMISSION) for _ in range(12)]
many = [h.ended(child) for child in many]
h.equal("twelve at once", ([r.out for r in many], {mode(r) for r in many}), ([b"ran\n"] * 12, {"exact"}))
for i in range(20):
    child = h.start(["run.py"], "--python", h.PYTHON, "--warm", pool.path, log=False, verdict=False, stdout=subprocess.DEVNULL, cwd=SUBMISSION)
    time.sleep(i * 0.0005)
    child.kill()
    child.wait()
h.equal("after clients that died in the middle of it", mode(run(pool, ["run.py"])), "exact")


def held_by_pool():
    return len(os.listdir(f"/proc/{pool.child.pid}/fd")), len(h.descendants(pool.child.pid))


fds, processes = held_by_pool()
for _ in range(10):
    run(pool, ["run.py"])
# A fork may be kept ready by now: two descriptors and a process.
h.check("runs leave no descriptor and no process behind", h.wait_for(lambda: held_by_pool()[0] <= fds + 2 and held_by_pool()[1] <= processes + 1), (fds, processes), held_by_pool())
script("print('up', flush=True); print(input())")
child = h.start(["run.py"], "--python", h.PYTHON, "--warm", pool.path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=SUBMISSION)
child.stdout.readline()
h.equal("the pool ends when it is asked to", pool.end(), 0)
out, _ = child.communicate(b"still here\n", timeout=20)
h.equal("a run that has begun goes on", (out, child.returncode), (b"still here\n", 0))
h.equal("and takes its socket along", os.path.exists(pool.path), False)

h.title("renewal")
venv = os.path.join(WHERE, "venv")
h.native([h.PYTHON, "-m", "venv", "--without-pip", venv])
packages = [os.path.join(d, "site-packages") for d, names, _ in os.walk(os.path.join(venv, "lib")) if "site-packages" in names][0]
h.put(packages, "told.py", "value = 1")
python = os.path.join(venv, "bin", "python")
pool = Pool("--preload", "told", "--renew-runs", "3", python=python)
script("import told; print(told.value)")
words = (["run.py"], "--python", python, "--warm", pool.path)
one = h.proctor(*words, cwd=SUBMISSION)
h.put(packages, "told.py", "value = 22")
time.sleep(0.3)
two = h.proctor(*words, cwd=SUBMISSION)
h.equal("a file that it has read has changed: a new one", (one.out, two.out, mode(one), mode(two)), (b"1\n", b"22\n", "exact", "exact"))
runs = [h.proctor(*words, cwd=SUBMISSION).verdict["warm"]["runs"] for _ in range(4)]
h.equal("and after as many runs as were asked for", runs, [2, 3, 1, 2])
h.equal("its end", pool.end(), 0)
# By a link to the venv all names of what it reads lead through that: cold they would too.
by_link = os.path.join(WHERE, "linked")
os.symlink("venv", by_link)
python = os.path.join(by_link, "bin", "python")
pool = Pool("--preload", "told", python=python)
script("import sys, told; print(told.value, told.__file__, sys.prefix, sys.path)")
cold, warm = (h.proctor(["run.py"], "--python", python, *more, cwd=SUBMISSION) for more in ([], ["--warm", pool.path]))
h.equal("a venv that is reached by a link is warm", (mode(warm), warm.out), ("exact", cold.out))
h.equal("its end", pool.end(), 0)
# What is granted is the directory, and not what a link in it leads to.
python = os.path.join(venv, "bin", "python")
h.put(WHERE, "elsewhere.py", "value = 'not granted'")
os.symlink(os.path.join(WHERE, "elsewhere.py"), os.path.join(packages, "elsewhere.py"))
pool = Pool("--preload", "elsewhere", python=python)
script("import elsewhere; print(elsewhere.value)")
cold, warm = (h.proctor(["run.py"], "--python", python, *more, cwd=SUBMISSION) for more in ([], ["--warm", pool.path]))
h.equal("a preload whose file is a link out of what is granted stays unread", (cold.out, cold.status, warm.out, warm.status), (b"", 1, b"", 1))
h.check("and is why it is cold", "elsewhere.py, which the policy does not grant" in why(warm), why(warm))
h.equal("its end", pool.end(), 0)
# What a preload has read beside modules is in the memory of every run.
h.put(WHERE, "secret.txt", "not granted")
h.put(packages, "reader.py", "import os\nTEXT = open(%r).read()" % os.path.join(WHERE, "secret.txt"))
pool = Pool("--preload", "reader", python=python)
script("import reader; print(reader.TEXT)")
cold, warm = (h.proctor(["run.py"], "--python", python, *more, cwd=SUBMISSION) for more in ([], ["--warm", pool.path]))
h.equal("what a preload has read is not given to whom it is not granted", (cold.out, cold.status, warm.out, warm.status), (b"", 1, b"", 1))
h.check("and is why it is cold", "secret.txt, which the policy does not grant" in why(warm), why(warm))
granted = ["run.py"], "--python", python, "--warm", pool.path, "-r", os.path.join(WHERE, "secret.txt")
# By a thread and by a process of its own too.
h.put(packages, "busy.py", """import os, subprocess, threading
def look(): [os.stat("/") for _ in range(500)]
threads = [threading.Thread(target=look) for _ in range(4)]
[thread.start() for thread in threads], [thread.join() for thread in threads]
TEXT = subprocess.run(["/bin/cat", %r], stdout=subprocess.PIPE, check=True).stdout
""" % os.path.join(WHERE, "secret.txt"))
busy = Pool("--preload", "busy", python=python)
told = why(h.proctor(["run.py"], "--python", python, "--warm", busy.path, cwd=SUBMISSION))
h.check("nor what a process of the preload's has read for it", "secret.txt, which the policy does not grant" in told, told)
h.equal("its end", busy.end(), 0)
one = h.proctor(*granted, cwd=SUBMISSION)
h.put(WHERE, "secret.txt", "changed")
time.sleep(0.3)
two = h.proctor(*granted, cwd=SUBMISSION)
h.equal("whom it is granted gets what is in it now", (one.out, two.out, mode(one), mode(two)), (b"not granted\n", b"changed\n", "exact", "exact"))
h.equal("its end", pool.end(), 0)
pool = Pool(python=python)
script("import sys; print([p for p in sys.path if 'more' in p])")
os.mkdir(os.path.join(WHERE, "more"))
os.mkdir(os.path.join(WHERE, "more", "of"))
h.put(packages, "more.pth", os.path.join(WHERE, "more") + "\n")
words = (["run.py"], "--python", python, "--warm", pool.path)
one = h.proctor(*words, cwd=SUBMISSION)
h.put(packages, "more.pth", os.path.join(WHERE, "more", "of") + "\n")
time.sleep(0.3)
two = h.proctor(*words, cwd=SUBMISSION)
h.equal("a .pth file has changed: a new one", (one.out, two.out, mode(one), mode(two)),
        (f"[{os.path.join(WHERE, 'more')!r}]\n".encode(), f"[{os.path.join(WHERE, 'more', 'of')!r}]\n".encode(), "exact", "exact"))
h.equal("its end", pool.end(), 0)
os.unlink(os.path.join(packages, "more.pth"))
broken = Pool("--preload", "no_such_module")
cold = run(broken, ["run.py"], cwd=SUBMISSION)
h.check("a preload that cannot be imported is told", b"no_such_module" in cold.err and mode(cold) == "cold", cold)
h.equal("its end", broken.end(), 0)
h.put(packages, "hangs.py", "import time; time.sleep(90)")
hangs = Pool("--preload", "hangs", "--start-within", "500ms", python=python)
words = (["run.py"], "--python", python, "--warm", hangs.path)
one, two = h.proctor(*words, cwd=SUBMISSION), h.proctor(*words, cwd=SUBMISSION)
h.equal("a preload that hangs is given up, once", ([mode(r) for r in (one, two)], hangs.told().count(b"no template")), (["cold"] * 2, 1))
h.check("and told", b"in 500 ms" in one.err + two.err, one.err, two.err)
h.equal("its end", hangs.end(), 0)
old = Pool("--renew-after", "200ms")
words = (["run.py"], "--python", h.PYTHON, "--warm", old.path)
script("print('ran')")
h.proctor(*words, cwd=SUBMISSION)
time.sleep(0.3)
h.equal("a template is renewed when its time is up", h.proctor(*words, cwd=SUBMISSION).verdict["warm"]["runs"], 1)
h.equal("its end", old.end(), 0)

h.title("cores")
pool = Pool()
cores = os.sched_getaffinity(0)
script("import os, threading; print(sorted(os.sched_getaffinity(0))); threading.Thread(target=print).start()")
for some in [{core} for core in sorted(cores)] * 2 + [cores]:
    os.sched_setaffinity(0, some)
    done = run(pool, ["run.py"])
    os.sched_setaffinity(0, cores)
    there = [os.sched_getaffinity(pid) for pid in pool.templates()]
    h.equal(f"a client on {sorted(some)}: so is its program, and the template was", (done.out, mode(done), there[0] <= some, len(there[0])),
            (f"{sorted(some)}\n\n".encode(), "exact", True, 1))
    h.equal("the pool is not bound", os.sched_getaffinity(pool.child.pid), cores)
h.equal("its end", pool.end(), 0)
h.equal("no process is left", h.survivors(), [])
h.finish()
