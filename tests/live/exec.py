#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""exec: named programs. What a program does with them is what it does without proctor; what is not named, or not with
these arguments, or not that often, is refused and explained with the line that grants it."""

import json
import os
import socket
import stat
import sys

sys.dont_write_bytecode = True
import harness as h

# Each prints the same with proctor and without. No ids, no times.
PROGRAMS = {
    "subprocess": """
import os, signal, subprocess, sys
run = lambda *a, **k: subprocess.run(*a, capture_output=True, **k)
print(run(["cat"], input=b"through\\n" * 20000).stdout.count(b"through"))
print(run(["sh", "-c", "cat; echo err >&2; exit 7"], input=b"in"))
print(run("echo a | cat; cat </dev/null", shell=True))
print(run([sys.executable, "-c", "import os, sys; print(sys.argv, os.readlink('/proc/self/exe') == os.path.realpath(sys.executable), os.environ)", "x", ""], env={"A": "b", "HOME": "/"}))
print(run(["/bin/cat"], preexec_fn=lambda: None, stdin=subprocess.DEVNULL))
r, w = os.pipe()
p = subprocess.Popen(["sh", "-c", f"echo passed >&{w}"], pass_fds=[w])
os.close(w)
print(p.wait(), os.read(r, 100), os.read(r, 100))
p = subprocess.Popen(["sh", "-c", "sleep 20"], start_new_session=True)
os.killpg(p.pid, signal.SIGTERM)
print(p.wait())
p = subprocess.Popen(["sleep", "20"])
p.kill()
print(p.wait())
try: run(["/bin/cat", "x" * 200000])
except OSError as e: print(e.errno)
""",
    "posix_spawn and fork": """
import os, signal, sys
def end(pid): return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.stdout.flush()
print(end(os.posix_spawn("/bin/sh", ["sh", "-c", "exit 3"], {})))
print(end(os.posix_spawnp("sh", ["sh", "-c", "kill -9 $$"], os.environ)))
print(end(os.spawnv(os.P_NOWAIT, "/bin/sh", ["other name", "-c", "exit 4"])))
pid = os.fork()
if pid == 0:
    os.execve("/bin/sh", ["sh", "-c", 'echo "$A"; exit 5'], {"A": "\\xe9 b"})
print(end(pid))
fd = os.open("/bin/cat", os.O_RDONLY)
pid = os.fork()
if pid == 0:
    os.execve(fd, ["cat", "/dev/null"], {})
print(end(pid))
""",
    "a thread that is not the first": """
import os, sys, threading, time
print("before", flush=True)
stop = [open(__file__) for _ in range(3)]
def look():
    while True:
        os.stat(__file__); open(__file__).close()
for _ in range(6): threading.Thread(target=look, daemon=True).start()
threading.Thread(target=lambda: (time.sleep(0.05), os.execv(sys.executable, [sys.executable, "-c", "import threading, os; t = threading.Thread(target=lambda: print('after', os.path.exists('/no'))); t.start(); t.join(); raise SystemExit(6)"]))).start()
time.sleep(20)
""",
    "the first process": """
import os, sys
print("before", flush=True)
os.execv("/bin/sh", ["sh", "-c", "echo in between; exec cat /dev/null"])
""",
}
GRANTS = "exec: [/bin/cat, /bin/sh, /bin/sleep, /bin/echo, '%{python}']\n"
# Its child tells posix_spawn of the error by its maker's memory; from 3.13 on subprocess goes that way too.
REFUSED = """
import os, subprocess, threading
def tell(f, *a, **k):
    try: f(*a, **k)
    except OSError as e: print(type(e).__name__, e.errno, e.filename)
    else: print("made")
tell(os.posix_spawn, "/bin/ls", ["ls"], {})
tell(subprocess.run, ["/bin/ls"])
tell(subprocess.run, ["/bin/ls"], close_fds=False)
t = threading.Thread(target=tell, args=(os.posix_spawn, "/bin/ls", ["ls"], {})); t.start(); t.join()
try: os.wait()
except ChildProcessError: print("nobody is left")
"""


# Needs what process: fork is for, with the interpreter executed anew.
SPAWN = """
import multiprocessing, os, subprocess, sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import shared_memory
def square(x): return x * x
def child(lock, value, q):
    with lock: value.value += 1
    q.put(os.getpid() != os.getppid())
if __name__ == "__main__":
    c = multiprocessing.get_context("spawn")
    with c.Pool(2) as pool: print(pool.map(square, range(5)))
    with ProcessPoolExecutor(1, mp_context=c) as e: print(list(e.map(square, [3])))
    lock, value, q = c.Lock(), c.Value("i", 0), c.Queue()
    p = c.Process(target=child, args=(lock, value, q)); p.start(); print(q.get()); p.join()
    print(value.value, p.exitcode)
    m = shared_memory.SharedMemory(create=True, size=100); m.buf[0] = 7
    again = shared_memory.SharedMemory(m.name); print(again.buf[0]); again.close(); m.close(); m.unlink()
    print(subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True))
"""


# Unix sockets of the run's own, and descriptors that pass by them.
SOCKETS = """
import array, multiprocessing, os, socket, sys, tempfile
def square(x): return x * x
def change(d, l): d["x"] = os.getpid() != os.getppid(); l.append(3)
if __name__ == "__main__":
    c = multiprocessing.get_context("forkserver")
    with c.Pool(2) as pool: print(pool.map(square, range(5)), flush=True)
    with multiprocessing.get_context("fork").Manager() as m:
        d, l = m.dict(a=1), m.list()
        p = multiprocessing.get_context("spawn").Process(target=change, args=(d, l)); p.start(); p.join()
        print(dict(d), list(l), flush=True)
    path = os.path.join(tempfile.mkdtemp(), "s")
    s = socket.socket(socket.AF_UNIX); s.bind(path); s.listen(); os.chmod(path, 0o600)
    print(s.getsockname() == path, oct(os.stat(path).st_mode), flush=True)
    if os.fork() == 0:
        t = socket.socket(socket.AF_UNIX); t.connect(path); print(t.getpeername() == path, flush=True)
        r, w = os.pipe(); socket.send_fds(t, [b"a", b"b"], [r, s.fileno()]); os.write(w, b"through"); os._exit(0)
    k, _ = s.accept()
    said, fds, flags, _ = socket.recv_fds(k, 10, 5)
    print(said, os.read(fds[0], 100), socket.socket(fileno=fds[1]).getsockname() == path, k.getsockname() == path)
    os.wait()
    k2, k1 = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    k2.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))]); print(len(socket.recv_fds(k1, 1, 5)[1]))
    u = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); u.bind(path + "u"); k3 = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); k3.sendto(b"to", path + "u"); print(u.recv(9))
    for other in (path, path + "u/x", "\\0" + "n" * 200):
        try: socket.socket(socket.AF_UNIX).bind(other)
        except OSError as e: print(e)
    try: socket.send_fds(k, [b"x"], [4000000])
    except OSError as e: print(e.errno)
    os.unlink(path); os.unlink(path + "u"); print(os.listdir(os.path.dirname(path)))
"""


def policy(place, rules, name="p.yaml"):
    return h.put(place, name, "version: 1\nname: p\nextends: builtin:pure\n" + rules)


def compare():
    h.title("the same as without proctor")
    for name, text in PROGRAMS.items():
        place = h.place()
        script = h.put(place, "p.py", text)
        native = h.native([h.PYTHON, script])
        run = h.proctor([h.PYTHON, script], "-p", policy(place, GRANTS))
        h.equal(name + ": output", run.out, native.out)
        h.equal(name + ": status", (run.status, run.err), (native.status, native.err))
        h.equal(name + ": no violation", [c["syscall"]["args"] for c in run.calls(decision="deny")], [])
    script = h.put(h.place(), "p.py", REFUSED)
    for version, python in h.interpreters():
        run = h.proctor([python, script], "--process", "fork")
        h.equal("%d.%d: a refused program is told to whoever would have made it" % version[:2], (run.out, run.err),
                (b"PermissionError 13 /bin/ls\n" * 4 + b"nobody is left\n", b""))
    script = h.put(h.place(), "p.py", SPAWN)
    native = h.native([h.PYTHON, script])
    run = h.proctor([h.PYTHON, script], "--process", "fork")
    h.equal("spawn, with process: fork alone: output", run.out, native.out)
    h.equal("status", (run.status, run.err), (native.status, native.err))
    h.equal("no violation", [c["syscall"]["args"] for c in run.calls(decision="deny")], [])
    script = h.put(h.place(), "p.py", SOCKETS)
    native = h.native([h.PYTHON, script])
    run = h.proctor([h.PYTHON, script], "--process", "fork", "--scratch")
    h.equal("sockets of its own, with a scratch: output", run.out, native.out)
    h.equal("status", (run.status, run.err), (native.status, native.err))
    h.equal("no violation", [c["syscall"]["args"] for c in run.calls(decision="deny")], [])
    script = h.put(h.place(), "q.py", """import socket, sys
for address in sys.argv[1], "\\0name":
    for act in "connect", "bind":
        try: getattr(socket.socket(socket.AF_UNIX), act)(address); print(act)
        except PermissionError: print("refused")
""")
    place = h.place()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(place + "/s")
        other.listen()
        run = h.proctor([h.PYTHON, script, place + "/s"], "--process", "fork", "--scratch", "-r", place)
        h.equal("no socket of others, and no name in the abstract", run.out, b"refused\n" * 4)
    h.check("nothing is left", not h.survivors(), h.survivors())


def rules():
    h.title("arguments, count, scripts")
    place = h.place()
    tool = h.put(place, "tool.sh", '#!/bin/sh -e\necho "$0" "$@"\n')
    os.chmod(tool, 0o755)
    p = policy(
        place,
        "exec:\n"
        '  - {path: /bin/echo, argv: [one, "*.c"]}\n'
        '  - {path: /bin/echo, argv: [rest, "**"]}\n'
        "  - {path: /bin/cat, count: 2}\n"
        "  - {path: /bin/sh, argv: [none]}\n"
        f'  - {{path: "{tool}", argv: ["*"]}}\n',
    )
    script = h.put(
        place,
        "p.py",
        """import subprocess, sys
for words in eval(sys.stdin.read()):
    try: print(words[0], subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True).stdout)
    except PermissionError: print(words[0], "refused")
""",
    )
    asked = [["/bin/echo", "one", "a.c"], ["/bin/echo", "one", "-a.c"], ["/bin/echo", "one", "a.c", "b.c"], ["/bin/echo", "one"],
             ["/bin/echo", "rest"], ["/bin/echo", "rest", "-n", "x"], ["/bin/cat"], ["/bin/cat"], ["/bin/cat"],
             ["/bin/sh", "-c", "echo"], [tool, "x"], [tool, "-x"], ["/bin/ls"]]  # fmt: skip
    run = h.proctor([h.PYTHON, script], "-p", p, stdin=repr(asked).encode())
    said = [line.split(" ", 1)[1] for line in run.out.decode().splitlines()]
    no = "refused"
    h.equal("what is granted and what is not", said,
            ["b'one a.c\\n'", no, no, no, "b'rest\\n'", "b'rest -n x\\n'", "b''", "b''", no, no, f"b'{tool} x\\n'", no, no])  # fmt: skip
    done = [c for c in run.calls("execve") if c["decision"]["action"] == "allow"]
    h.equal("each that was made is in the log, with its rule", [c["rule"]["ref"].rsplit(":", 2)[1] for c in done], ["5", "6", "6", "7", "7", "9"])
    h.check("with its result and the arguments that it got", all(c["syscall"]["ret"] == 0 for c in done) and '["/bin/echo", "rest", "-n", "x"]' in done[2]["syscall"]["args"], done[:3])
    h.equal("what was refused says why", [c["rule"]["id"] for c in run.calls("execve", decision="deny")], ["exec.argv"] * 3 + ["exec.count"] + ["exec.argv"] * 2 + ["on_deny"])
    programs = {r["process"].get("executable") for r in run.records if r.get("process", {}).get("parent") and r["kind"] == "call"}
    h.check("records say whose program it is", {os.path.realpath(p) for p in ("/bin/echo", "/bin/cat", "/bin/sh")} <= programs, programs)
    text = h.explained(run.log_path)
    for line in ('exec: {path: "/bin/echo", argv: ["one", "-a.c"]}', 'exec: {path: "/bin/ls", argv: []}',
                 "it may be executed with other arguments only", "it has been executed as often as it may"):  # fmt: skip
        h.check(f"explain: {line}", line in text, text)
    run = h.proctor([h.PYTHON, script], "--exec", "/bin/cat", stdin=b"[['/bin/cat', '/etc/shadow']]")
    text = h.explained(run.log_path)
    h.check("what another program asked for is told with its name", "/usr/bin/cat, which the program executed" in text or "/bin/cat, which" in text, text)
    run = h.proctor([h.PYTHON, script], "-p", policy(place, 'exec: {path: "/bin/ls", argv: []}\n', "q.yaml"), stdin=b"[['/bin/ls']]")
    h.check("the line that it names grants it", b"refused" not in run.out, run)
    run = h.proctor([h.PYTHON, script], "--exec", "/bin/ls", stdin=b"[['/bin/ls']]")
    h.check("so does the option", b"refused" not in run.out, run)
    run = h.proctor([h.PYTHON, script], stdin=b"[['/bin/ls']]")
    h.check("without either it is refused, as the fork before it is", b"refused" in run.out and "--exec" not in run.out.decode(), run)


def wrong():
    h.title("what cannot be named")
    place = h.place()
    os.mkdir(place + "/w")
    with open("/bin/cat", "rb") as file:
        cat = file.read()

    def program(name, data, mode=0o755):
        path = os.path.join(place, name)
        with open(path, "wb") as file:
            file.write(data)
        os.chmod(path, mode)
        return path

    i386 = bytearray(cat[:4096])
    i386[4], i386[18] = 1, 3
    cases = {
        "beneath a write rule": (f'write: ["{place}/w"]\nexec: ["{program("w/cat", cat)}"]\n', "can be written to"),
        "set-id": (f'exec: ["{program("s", cat, 0o755 | stat.S_ISUID)}"]\n', "set-user-id"),
        "32-bit": (f'exec: ["{program("i", bytes(i386))}"]\n', "neither a program of this architecture"),
        "no program": (f'exec: ["{program("t", b"text")}"]\n', "neither a program of this architecture"),
        "not executable": (f'exec: ["{program("x", cat, 0o644)}"]\n', "not executable"),
        "a directory": ("exec: [/bin]\n", "no regular file"),
        "absent": ("exec: [/no/such]\n", "does not exist"),
        "relative": ("exec: [cat]\n", "relative"),
        "a pattern": ("exec: ['/bin/*']\n", "without wildcards"),
        "a script alone": (f'exec: ["{program("a", b"#!/bin/sh" + bytes([10]))}"]\n', "has to be named too"),
        "a script of a script": (f'exec: ["{program("b", b"#!" + place.encode() + b"/a" + bytes([10]))}", "{place}/a", /bin/sh]\n', "file itself"),
        "** in the middle": ('exec: [{path: /bin/cat, argv: ["**", a]}]\n', "must be the last"),
        "no path": ("exec: [{argv: [a]}]\n", "path is missing"),
        "count": ("exec: [{path: /bin/cat, count: many}]\n", "count must be a number"),
        "never": ("never: [/bin/cat]\nexec: [/bin/cat]\n", "is under never"),
    }
    for name, (rules, message) in cases.items():
        run = h.native([h.PROCTOR, "policy", "check", policy(place, rules)])
        h.check(f"{name}: {message}", run.status == 65 and message in run.err.decode(), run)
    shown = h.native([h.PROCTOR, "policy", "show", policy(place, 'exec: [{path: /bin/cat, argv: ["a%*", "b*", "**"], count: 3}]\n')])
    h.check("show has the rule as it was written", b'  - {path: "/bin/cat", argv: ["a%*", "b*", "**"], count: 3}' in shown.out, shown)


# What libc asks for before a program's first line.
STARTS = """
import subprocess, sys
for name in "/data", "/kept":
    print(subprocess.run(["/bin/cat", sys.argv[1] + name], capture_output=True, env={"LC_ALL": "xx_YY.UTF-8"}).stdout)
"""


def two_files():
    """A place with "data" and "kept", each of which holds its name."""
    place = h.place()
    for name in ("data", "kept"):
        h.put(place, name, name)
    return place


def questions():
    h.title("a policy of its own without what libc asks for")
    place = two_files()
    h.put(place, "bare.yaml", f"version: 1\nname: bare\nread: ['{place}/data']\n")
    p = policy(place, f"read: ['{place}']\nexec: [{{path: /bin/cat, policy: ./bare.yaml}}]\n")
    run = h.proctor([h.PYTHON, h.put(h.place(), "p.py", STARTS), place], "-p", p)
    h.equal("both run", run.out, b"b'data'\nb''\n")
    asked = [c for c in run.calls("openat") if c["decision"].get("question")]
    h.check("a locale is refused and recorded, and no violation", asked and all("/locale" in c["file"]["path"] and c["decision"]["action"] == "deny" and
            c["rule"]["ruleset"] == "bare" and not c["decision"].get("violation") for c in asked), [(c["file"]["path"], c["decision"], c["rule"]) for c in asked])
    h.equal("what a program is told to open is one", [c["file"]["path"] for c in run.refused()], [place + "/kept"])
    shown = h.explained(run.log_path, "--all")
    h.check("explain says so", "a library asks it for itself" in shown, shown)


# Asked under the run's policy, under its own, and by what that starts.
NARROW = """
import os, subprocess, sys
data, kept = sys.argv[1] + "/data", sys.argv[1] + "/kept"
def say(what, *words):
    try: print(what, subprocess.run(words, capture_output=True).stdout, flush=True)
    except OSError as e: print(what, e.strerror, flush=True)
print("the run", open(kept).read(), flush=True)
say("what it may", "/bin/cat", data)
say("what only the run may", "/bin/cat", kept)
say("another one", "/bin/sh", "-c", "read x <%s; echo $x" % kept)
say("what it may only without its own", "/bin/sh", "-c", "exec 2>/dev/null; read x <%s; echo $x" % data)
say("a program with another", "/bin/sh", "-c", "exec 2>/dev/null /bin/cat %s" % data)
r = os.open(kept, os.O_RDONLY); os.set_inheritable(r, True)
print("what its caller has opened", subprocess.run(["/bin/cat"], stdin=r, capture_output=True).stdout)
s = subprocess.run(["/bin/sh", "-c", "kill -0 $PPID && kill -CONT $$ && echo signals"], capture_output=True)
print(s.stdout)
"""


def narrower():
    h.title("a policy of its own for a program")
    place = two_files()
    h.put(place, "cat.yaml", f"version: 1\nname: of-cat\nextends: builtin:python\nread: ['{place}/data', /etc/hostname]\n")
    h.put(place, "sh.yaml", f"version: 1\nname: of-sh\nextends: builtin:python\nread: ['{place}/']\nprocess: fork\nexec: [/bin/cat, /bin/sh]\n")
    p = policy(place, f"read: ['{place}']\nexec: [{{path: /bin/cat, policy: ./cat.yaml}}, {{path: /bin/sh, policy: sh.yaml}}]\n")
    script = h.put(h.place(), "p.py", NARROW)
    run = h.proctor([h.PYTHON, script, place], "-p", p)
    h.equal("what each may", run.out.decode().splitlines(),
            ["the run kept", "what it may b'data'", "what only the run may b''", "another one b'\\n'",
             "what it may only without its own b'\\n'", "a program with another b''", "what its caller has opened b'kept'", "b'signals\\n'"])  # fmt: skip
    under = [c for c in run.calls() if c["rule"].get("ruleset")]
    h.equal("the record says under which policy", {(os.path.basename(c["process"]["executable"]), c["rule"]["ruleset"]) for c in under},
            {("cat", "of-cat"), (os.path.basename(os.path.realpath("/bin/sh")), "of-sh")})  # fmt: skip
    h.equal("a program with another policy is not executed from there, and this says so",
            [c["rule"]["id"] for c in run.calls("execve", decision="deny")], ["exec.policy"])  # fmt: skip
    text = h.explained(run.log_path)
    refused = [c for c in run.calls("openat", decision="deny") if c["file"]["path"] == place + "/kept"]
    h.check("a program without an interpreter has its native stack", any("cat" in f.get("module", "") for c in refused for f in c.get("stack", {}).get("native", [])), refused)
    for line in ("; under the policy of-cat", "in the policy of-cat, which this program is under", "it gets a policy of its own, and this program is under another one already"):
        h.check(f"explain: {line}", line in text, text)
    start = run.records[0]
    h.check("the start record has its text and what it comes to",
            any(e["file"].endswith("cat.yaml") and "of-cat" in e["text"] for e in start["policy"]["extends"]) and "of programs that are executed with it" in start["policy"]["effective"], start["policy"])  # fmt: skip
    again = h.native([h.PROCTOR, "policy", "test", p, run.log_path])
    h.check("policy test decides each call of the log as it was, by the policy that it was under", again.status == 0 and b"\n0 of " in b"\n" + again.out, again)
    ask = [h.PROCTOR, "policy", "test", p, "--read", place + "/kept"]
    h.equal("policy test asks either", [h.native(ask).status, h.native(ask + ["--under", "of-cat"]).status, h.native(ask + ["--under", "x"]).status], [0, 1, 64])
    def why(*words):
        return h.native([h.PROCTOR, "why", *words])

    for under in "of-cat", "/bin/cat":
        got = why(p, "--json", "--under", under, "read", place + "/kept", "read", place + "/data", "read", "/etc/hostname")
        told = [json.loads(line) for line in got.out.splitlines()]
        h.equal(f"why --under {under}: both have to grant it", [got.status] + [(a["action"], a["under"]) for a in told],
                [1, ("deny", "of-cat"), ("allow", "of-cat"), ("deny", "of-cat")])  # fmt: skip
        h.check("and the line belongs where no option reaches", "in the policy of-cat, which this program is under" in told[0]["note"] and told[0]["nearest"], told[0])
    got = why(p, "read", place + "/kept")
    h.check("without it the run's is asked", got.status == 0 and b"under" not in got.out, got)
    got = why("--under", "of-cat", p, "read", place + "/kept")
    h.check("the text says which", b"EACCES  under of-cat\n" in got.out and b"which this program is under" in got.out, got)
    for under, text in (("x", b"no program of this policy gets one of that name"), ("/usr/bin/env", b"no rule of exec names that program"), ("/none/x", b"No such file")):
        got = why(p, "--under", under, "read", "/")
        h.check(f"--under {under}: {text.decode()}", got.status == 64 and text in got.err and not got.out, got)
    cases = h.put(place, "cases", f"allow read {place}/data\ndeny read {place}/kept\ndeny read /etc/hostname\n")
    h.equal("so do its cases", h.native([h.PROCTOR, "policy", "test", p, "--cases", cases, "--under", "of-cat"]).status, 0)
    wider = policy(place, f"read: ['{place}']\nexec: [/bin/cat, {{path: /bin/sh, policy: sh.yaml}}]\n", "wider.yaml")
    got = why(wider, "--under", "/bin/cat", "read", "/")
    h.check("a program without one of its own", got.status == 64 and b"gets no policy of its own" in got.err, got)
    diff = h.native([h.PROCTOR, "policy", "diff", p, wider])
    h.check("diff: without a policy of its own it may more", diff.status == 1 and b"under of-cat, which does not grant it read" in diff.out, diff)
    diff = h.native([h.PROCTOR, "policy", "diff", wider, p])
    h.check("and with one nothing more", diff.status == 0, diff)
    run = h.proctor([h.PYTHON, script, place], "-p", p, "--mode", "audit")
    h.check("audit mode notes and lets through", b"what only the run may b'kept'" in run.out, run)
    inside = h.put(place, "in.py", "print(open('cat.yaml').read())")
    run = h.proctor([h.PYTHON, inside], "-p", p, cwd=place)
    h.check("no program reads it", run.status == 1 and b"of-cat" not in run.out, run)
    run = h.proctor([h.PYTHON, script, place], "-p", policy(place, f"write: ['{place}']\nexec: [{{path: /bin/cat, policy: ./cat.yaml}}]\n", "../w%d.yaml" % os.getpid()))
    h.check("nor can change it", run.status == 64 and b"cat.yaml" in run.err or b"cannot be read" in run.err, run)


compare()
rules()
wrong()
narrower()
questions()
h.finish()
