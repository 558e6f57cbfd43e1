#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The last words of a run: whatever ended it other than the program itself is told in one line, -q leaves it out;
on a terminal a line more counts the refusals, and without -o the log is kept where `proctor explain` finds it:
for the user alone, in one file, behind no link, and out of the program's reach.
"""

import os
import pty
import select
import stat
import subprocess
import sys

sys.dont_write_bytecode = True
import harness as h

REFUSED = "for name in '/etc/passwd', '/etc/passwd', '/etc/shadow':\n    try: open(name)\n    except OSError: pass\n"
WAIT = "import time\ndef f():\n    time.sleep(60)\nf()\n"
FILL = "def grow():\n    x = []\n    while True: x.append(bytearray(1 << 20))\ngrow()\n"
KILL = "version: 1\nextends: builtin:pure\non_deny: kill\n"
FULL = "version: 1\nextends: builtin:pure\nlog: {max: 100KiB, on_full: kill}\n"


def words(box):
    wait, fill = h.put(box, "wait.py", WAIT), h.put(box, "fill.py", FILL)
    write = h.put(box, "write.py", "import os\nwhile True: os.write(1, b'abc' * 9)\n")
    threads = h.put(
        box, "threads.py", "import threading, time\nfor i in range(9): threading.Thread(target=time.sleep, args=(9,)).start()\n"
    )
    spin = h.put(box, "spin.py", "def g():\n    while True: pass\ng()\n")
    files = h.put(box, "files.py", "import os\nk = [os.dup(0) for i in range(20)]\n")
    kill = h.put(box, "kill.py", "def h():\n    open('/etc/passwd')\nh()\n")
    loop = h.put(box, "loop.py", "import os\nwhile True: os.access('d', 4)\n")
    for script, options, said in (
        (wait, ["--wall", "500ms"], "stopped after 500 ms of wall time, in wait.py:3 in f()"),
        (spin, ["--cpu", "300ms"], "stopped after 300 ms of CPU time, in spin.py:2 in g()"),
        (fill, ["--memory", "32MiB"], "stopped at 32 MiB of memory, in fill.py:3 in grow()"),
        (write, ["--output", "1KiB"], "stopped after 1 KiB of output, in write.py:2"),
        (threads, ["--tasks", "4"], "stopped for more than 4 threads at one time, in "),
        (kill, ["-p", h.put(box, "kill.yaml", KILL)], "ends a program for such a call: openat of /etc/passwd, in kill.py:2"),
        (loop, ["-p", h.put(box, "full.yaml", FULL)], "stopped because the log is full"),
    ):
        for quiet in False, True:
            run = h.proctor([h.PYTHON, script], *options, *(["-q"] if quiet else []), cwd=box, timeout=60)
            lines = [l for l in run.err.decode().splitlines() if l.startswith("proctor: ")]
            h.check(
                f"{os.path.basename(script)} {options[0]}: {'-q leaves it out' if quiet else 'one line says what ended it'}",
                lines == [] if quiet else len(lines) == 1 and said in lines[0],
                run,
            )
    run = h.proctor([h.PYTHON, files], "--files", "8", cwd=box)
    h.check(
        "open files: told where that ends a run",
        b"stopped for more than 8 open files" in run.err if run.verdict.get("limit") else b"stopped" not in run.err,
        run,
    )
    for text in "pass", "1//0", "raise SystemExit(7)", "import os; os.kill(os.getpid(), 15)", REFUSED:
        run = h.proctor([h.PYTHON, "-c", text])
        h.check(f"nothing is said of an end of its own: {text[:30]!r}", b"proctor: " not in run.err, run)
    child = h.start([h.PYTHON, "-c", "print(1, flush=True)\n" + WAIT], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    child.stdout.readline()
    child.terminate()
    run = h.ended(child)
    h.check("a signal to proctor", b"stopped because proctor was sent SIGTERM\n" in run.err, run)
    h.put(box, "real/solve.py", WAIT)
    os.symlink("real", box + "/link")
    run = h.proctor([h.PYTHON, "link/solve.py"], "--wall", "500ms", cwd=box)
    h.check("behind a link to its directory it has the same name", b"of wall time, in solve.py:3 in f()\n" in run.err, run)
    evil = h.put(box, "evil\x1b[31m.py", WAIT)
    run = h.proctor([h.PYTHON, evil], "--wall", "400ms", cwd=box)
    h.check("a name in it sends nothing to the terminal", b"\x1b" not in run.err and b"of wall time, in" in run.err, run)


def on_terminal(argv, env, **popen):
    """Runs ARGV with a terminal as its standard error; what came there, and the status."""
    master, slave = pty.openpty()
    child = subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=slave, **popen)
    os.close(slave)
    told = b""
    while select.select([master], [], [], 60)[0]:
        try:
            chunk = os.read(master, 65536)
        except OSError:
            break
        if not chunk:
            break
        told += chunk
    os.close(master)
    return told.decode(errors="replace").replace("\r\n", "\n"), child.wait(60)


def explain(env, *words):
    done = subprocess.run([h.PROCTOR, "explain", *words], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def run_there(script, env, *options, **popen):
    return on_terminal([h.PROCTOR, "run", *options, h.PYTHON, script], env, **popen)


def kept(box):
    script = h.put(box, "refused.py", REFUSED)
    home = h.place()
    state = os.path.join(home, "state")
    env = h.clean_env(XDG_STATE_HOME=state, HOME=home)
    log = state + "/proctor/last.jsonl"
    h.equal("explain without LOG, and there is none: 66", explain(env)[0], 66)
    told, status = run_there(script, env)
    h.check(
        "on a terminal: how many refusals, and how to see them",
        status == 0 and told == "proctor: 3 calls were refused; proctor explain says why\n",
        told,
    )
    h.check("the log is the user's alone, and the only file", stat.S_IMODE(os.stat(log).st_mode) == 0o600, log)
    h.equal("its directory too", stat.S_IMODE(os.stat(state + "/proctor").st_mode), 0o700)
    status, out, err = explain(env)
    h.check("explain without LOG explains it", status == 0 and "/etc/passwd" in out and "/etc/shadow" in out, out, err)
    h.check("it is a whole log", h.read_log(log)[-1]["kind"] == "end")
    told, _ = run_there(h.put(box, "look.py", "import os, sys\nsys.stderr = None\nos.stat('/etc/shadow')\n"), env)
    h.check("an error from a look at what is hidden does not show that by itself",
            told == "proctor: what it looked for was hidden from it; proctor explain says why\n", told)
    h.check("and explain does", "/etc/shadow" in explain(env)[1], explain(env))
    told, _ = run_there(h.put(box, "found.py", "import os\nassert not os.path.exists('/etc/shadow')\n"), env)
    h.equal("of a look that it goes on from not a word", told, "")
    told, _ = run_there(h.put(box, "other.py", "open('/etc/hostname')"), env)
    h.check("one call is one", "1 call was refused;" in told, told)
    out = explain(env)[1]
    h.check("the next run takes its place", "/etc/hostname" in out and "/etc/shadow" not in out, out)
    h.equal("one file stays", os.listdir(state + "/proctor"), ["last.jsonl"])
    with open(log, "rb") as text:
        before = text.read()
    mine = os.path.join(h.place(), "own.jsonl")
    told, _ = run_there(script, env, "-o", mine)
    h.check("with -o that is named instead", told == f"proctor: 3 calls were refused; proctor explain {mine} says why\n", told)
    told, _ = run_there(script, env, "-q")
    h.check("-q: not a word", told == "", told)
    h.proctor([h.PYTHON, "-c", "open('/etc/group')"], log=False, env=env)
    with open(log, "rb") as text:
        now = text.read()
    h.check("neither -o nor a run without a terminal changes it", b"/etc/group" not in now and now.count(b"own.jsonl") == 0)
    flood = h.put(box, "flood.py", "import os\nfor i in range(60000):\n    try: os.mkdir('/x%d' % i)\n    except OSError: pass\n")
    told, status = run_there(flood, env, "--stack", "both")
    size = os.path.getsize(log)
    h.check("it is bounded, and a run that fills it goes on", status == 0 and (8 << 20) < size < 17 << 20, size, told)
    h.check("and says that it is not whole", explain(env)[0] == 1)


def reach(box):
    """A program that may read the directory that the log is in reads no log of another run."""
    home = h.place()
    env = h.clean_env(HOME=home)
    env.pop("XDG_STATE_HOME", None)
    log = home + "/.local/state/proctor/last.jsonl"
    run_there(h.put(box, "refused.py", REFUSED), env)
    if not h.check("without XDG_STATE_HOME: ~/.local/state", os.path.exists(log), os.listdir(home)):
        return
    steal = f"import sys\ntry: sys.stdout.write(open({log!r}).read())\nexcept OSError as e: print(type(e).__name__)\n"
    for name, script, options in (
        ("in its submission", h.put(home, "steal.py", steal), []),
        ("beneath -r", h.put(box, "steal.py", steal), ["-r", home]),
        ("by a policy", h.put(box, "steal.py", steal),
         ["-p", h.put(box, "wide.yaml", f"version: 1\nextends: builtin:pure\nread: [\"{home}/*/*/*/*\"]\n")]),
    ):
        run = h.proctor([h.PYTHON, script], "-q", *options, env=env)
        h.check(f"no program reads it: {name}", run.out == b"PermissionError\n", run)
    run = h.proctor([h.PYTHON, "-c", "1"], "-r", log, env=env)
    h.check("it cannot be granted by name", run.status == 65 and b"never" in run.err, run)


def in_the_way(box):
    """Links, directories that others can write to, and what is no file: nothing is kept, and the run does not mind."""
    script = h.put(box, "refused.py", REFUSED)

    def link_to_file(top):
        os.makedirs(top + "/proctor", 0o700)
        os.symlink(h.put(top, "precious", "mine"), top + "/proctor/last.jsonl")
        return lambda: open(top + "/precious").read() == "mine"

    def dangling(top):
        os.makedirs(top + "/proctor", 0o700)
        os.symlink(top + "/new", top + "/proctor/last.jsonl")
        return lambda: not os.path.exists(top + "/new")

    def writable(top):
        os.makedirs(top + "/proctor")
        os.chmod(top + "/proctor", 0o777)
        return lambda: os.listdir(top + "/proctor") == []

    def parent_writable(top):
        os.chmod(top, 0o777)
        return lambda: os.listdir(top) == []

    def not_a_file(top):
        os.makedirs(top + "/proctor/last.jsonl", 0o700)
        return lambda: os.path.isdir(top + "/proctor/last.jsonl")

    def a_file(top):
        h.put(top, "proctor", "mine")
        return lambda: open(top + "/proctor").read() == "mine"

    def of_somebody(top):
        os.makedirs(top + "/proctor", 0o700)
        os.chown(top + "/proctor", 65534, 65534)
        return lambda: os.listdir(top + "/proctor") == []

    def link_of_somebody(top):
        os.makedirs(top + "/real", 0o700)
        os.symlink(top + "/real", top + "/proctor")
        os.lchown(top + "/proctor", 65534, 65534)
        return lambda: os.listdir(top + "/real") == []

    cases = [link_to_file, dangling, writable, parent_writable, not_a_file, a_file]
    if os.geteuid() == 0:
        cases += [of_somebody, link_of_somebody]
    else:
        h.skip("a directory and a link of somebody else", "needs root")
    for case in cases:
        top = h.place()
        untouched = case(top)
        told, status = run_there(script, h.clean_env(XDG_STATE_HOME=top))
        h.check(
            f"{case.__name__}: nothing is kept there, and it is said how to get a log",
            status == 0 and "run it with -o LOG, and proctor explain LOG says why" in told and untouched(),
            told,
        )
    for name, value in ("no home", {}), ("a relative one", {"HOME": "x", "XDG_STATE_HOME": "y"}):
        env = {k: v for k, v in h.clean_env().items() if k not in ("HOME", "XDG_STATE_HOME")}
        env.update(value)
        told, status = run_there(script, env, cwd=box)
        h.check(f"{name}: nothing is kept", status == 0 and "run it with -o LOG" in told and not os.path.exists(box + "/x"), told)
    if os.geteuid() == 0:
        top = h.place()
        told, status = run_there(script, h.clean_env(XDG_STATE_HOME=top), "--user", "nobody")
        h.check("--user: nothing is kept", os.listdir(top) == [], told)


def main():
    box = h.place()
    os.chmod(box, 0o755)
    words(box)
    try:
        for fd in pty.openpty():
            os.close(fd)
    except OSError as e:
        h.skip("what is told on a terminal", f"no terminal can be made here: {e}")
        h.finish()
    kept(box)
    reach(box)
    in_the_way(box)
    h.finish()


main()
