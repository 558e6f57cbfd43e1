#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the options of `proctor run` do, each seen in a run: the environment, stacks, what is told
while it runs, the verdict's members; and what a program starts with: nothing of its caller's but
its three descriptors.
"""

import hashlib
import json
import os
import resource
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
import harness as h

SHOW_ENV = "import json, os; print(json.dumps(dict(os.environ)))\n"
REFUSED = "import os\ndef inner():\n    open('/etc/passwd')\ndef outer():\n    inner()\ntry: outer()\nexcept PermissionError: print('refused')\n"


def environment(box):
    script = h.put(box, "env.py", SHOW_ENV)

    def seen(*options, **env):
        run = h.proctor([h.PYTHON, script], *options, env={**h.clean_env(), **env}, cwd=box)
        return json.loads(run.out) if run.status == 0 else run

    base = seen()
    h.check(
        "a clean environment: PATH, locale, time zone, terminal, home",
        set(base) <= {"PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TERM", "PYTHONDONTWRITEBYTECODE", "LC_ALL", "LC_CTYPE"}
        and base["PATH"] == h.PATH,
        base,
    )
    got = seen(
        SECRET="s",
        LD_PRELOAD="",
        PYTHONPATH="/tmp",
        PYTHONSTARTUP="/x",
        LD_LIBRARY_PATH="/tmp",
        AWS_KEY="k",
        TZ="Europe/Berlin",
        LC_TIME="C",
    )
    h.equal(
        "what else the caller has does not come through",
        {k: v for k, v in got.items() if base.get(k) != v},
        {"TZ": "Europe/Berlin", "LC_TIME": "C"},
    )
    got = seen(
        "--env", "SECRET", "--env", "OWN=a=b c", "--env", "EMPTY=", "--env", "ABSENT", "--env", "PATH=/only", SECRET="s"
    )
    h.equal(
        "--env passes, sets, and replaces",
        {k: v for k, v in got.items() if base.get(k) != v},
        {"SECRET": "s", "OWN": "a=b c", "EMPTY": "", "PATH": "/only"},
    )


def stacks(box):
    script = h.put(box, "refused.py", REFUSED)
    for kind in "none", "python", "native", "both":
        run = h.proctor([h.PYTHON, script], "--stack", kind, cwd=box)
        record = run.refused()[0]
        python = [f.get("function") for f in record.get("stack", {}).get("python", [])]
        native = record.get("stack", {}).get("native", [])
        h.check(
            f"--stack {kind}",
            run.status == 0
            and (python == ["inner", "outer", "<module>"]) == (kind in ("python", "both"))
            and (len(native) > 3) == (kind in ("native", "both"))
            and any(f.get("eval_loop") for f in native) == (kind == "both"),
            record.get("stack"),
        )
    run = h.proctor([h.PYTHON, script], "--stack-for", "all", cwd=box)
    opens = [r for r in run.calls("openat") if r["decision"]["action"] == "allow"]
    h.check(
        "--stack-for all: allowed calls have theirs",
        opens and sum("stack" in r for r in opens) > len(opens) // 2,
        len(opens),
    )
    with open(script, "rb") as text:
        source = text.read()
    for version, python in h.interpreters():
        run = h.proctor([python, script], cwd=box)
        record = (run.refused() or [{}])[0]
        h.check(
            f"the line of a refusal in {'.'.join(map(str, version))}",
            record.get("code")
            == {
                "file.path": script,
                "line.number": 3,
                "function.name": "inner",
                "source": source.splitlines()[2].decode(),
                "source_sha256": hashlib.sha256(source).hexdigest(),
            }
            and [f["line"] for f in record["stack"]["python"]] == [3, 5, 6]
            and run.verdict["first_violation"]["code"] == "refused.py:3",
            record,
        )


def telling(box):
    script = h.put(
        box, "refused.py", REFUSED + "for i in range(5):\n    try: open('/etc/shadow')\n    except OSError: pass\n"
    )
    run = h.proctor([h.PYTHON, script], cwd=box)
    h.check("by default proctor says nothing", (run.out, run.err) == (b"refused\n", b""), run)
    run = h.proctor([h.PYTHON, script], "-v", cwd=box)
    h.check(
        "-v tells each distinct refusal, and the verdict, on stderr",
        run.err.count(b"/etc/passwd") == 1
        and b"/etc/shadow" in run.err
        and b"OK" in run.err
        and run.out == b"refused\n"
        and b"\x1b" not in run.err,
        run,
    )
    live = os.path.join(h.place(), "live")
    run = h.proctor([h.PYTHON, script], "--live", live, cwd=box)
    with open(live) as text:
        lines = text.read()
    h.check(
        "--live FILE: there, not in the program's stderr",
        run.err == b"" and lines.count("/etc/passwd") == 1 and "/etc/shadow" in lines,
        lines,
    )
    read, write = os.pipe()
    child = h.start(
        [h.PYTHON, script],
        "--live",
        str(write),
        cwd=box,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=[write],
    )
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        told = pipe.read()
    run = h.ended(child)
    h.check("--live FD: there", b"/etc/passwd" in told and run.err == b"" and run.status == 0, told, run)
    read, write = os.pipe()
    os.close(read)
    run = h.proctor([h.PYTHON, script], "--live", str(write), cwd=box, pass_fds=[write])
    os.close(write)
    h.check(
        "nobody reads the live lines: the run does not mind", run.status == 0 and run.verdict["violations"] == 6, run
    )
    run = h.proctor([h.PYTHON, script], "--mode", "audit", cwd=box)
    quiet = h.proctor([h.PYTHON, script], "--mode", "audit", "-q", cwd=box)
    h.check("-q: not even the audit mode's warning", b"AUDIT" in run.err and quiet.err == b"", run, quiet)
    h.check(
        "audit: nothing refused, everything marked",
        quiet.out == b""
        and quiet.verdict["mode"] == "audit"
        and quiet.verdict["violations"] == 6
        and all(not r["decision"]["enforced"] for r in quiet.refused()),
        quiet,
    )


def verdicts(box):
    for code, status, letters in ((0, 0, "OK"), (1, 10, "RE"), (77, 10, "RE"), (255, 10, "RE")):
        script = h.put(box, "exits.py", f"raise SystemExit({code})\n")
        got = [h.proctor([h.PYTHON, script], "--exit", mode, cwd=box) for mode in ("child", "verdict", "judged")]
        h.equal(
            f"a program that ends with {code}",
            [r.status for r in got] + [r.verdict["status"] for r in got],
            [code, status, 0] + [letters] * 3,
        )
    run = h.proctor([h.PYTHON, h.put(box, "refused.py", REFUSED)], "--id", "s 381", "--label", "a=b", cwd=box)
    verdict = run.verdict
    h.check(
        "the verdict has its members",
        verdict["schema"] == "proctor.verdict/1"
        and verdict["run"]["submission"] == "s 381"
        and verdict["run"]["labels"] == {"a": "b"}
        and verdict["exit"] == {"code": 0, "signal": None}
        and verdict["cpu_ns"] > 0
        and verdict["wall_ns"] > 0
        and verdict["memory_bytes"] > 1 << 20
        and verdict["violations"] == 1
        and verdict["first_violation"]["path"] == "/etc/passwd"
        and verdict["messages"]["student"] == "The program ran to its end."
        and verdict["messages"]["staff"].startswith("exit status 0; 1 refusal, "),
        verdict,
    )
    h.check(
        "CPU time is the program's, within what it took",
        verdict["cpu_ns"] < 2e9 and verdict["cpu_ns"] < verdict["wall_ns"] * (os.cpu_count() or 1) + 1e8,
        verdict,
    )
    ids = {h.proctor([h.PYTHON, "-c", ""], cwd=box).verdict["run"]["id"] for _ in range(5)}
    h.check("each run has an id of its own", len(ids) == 5 and all(len(i) == 26 for i in ids), ids)


def beginnings(box):
    """What the program has when it starts."""
    script = h.put(
        box,
        "starts.py",
        "import os, resource, sys\nopen_fds = []\n"
        "for fd in range(3, 3000):\n    try: os.fstat(fd); open_fds.append(fd)\n    except OSError: pass\n"
        "print(open_fds, resource.getrlimit(resource.RLIMIT_CORE), flush=True)\nsys.stdin.read()\n",
    )
    inherited = [
        os.open("/etc/passwd", os.O_RDONLY),
        os.dup2(os.open("/", os.O_RDONLY), 50),
        os.dup2(inherited_socket(), 1000),
    ]
    child = h.start(
        [h.PYTHON, script],
        cwd=box,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=inherited,
    )
    line = child.stdout.readline()
    h.equal("no descriptor of the caller's but 0, 1 and 2; no core file", line, b"[] (0, 0)\n")
    tracee = h.children_of(child.pid)[0]
    with open(f"/proc/{tracee}/status") as text:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in text if ":\t" in line)
    h.check(
        "no_new_privs, a seccomp filter, no capability",
        status["NoNewPrivs"] == "1"
        and status["Seccomp"] == "2"
        and all(int(status[c], 16) == 0 for c in ("CapInh", "CapPrm", "CapEff", "CapAmb")),
        status,
    )
    with open("/proc/self/status") as text:
        own = {line[:6]: int(line.split()[1], 16) for line in text if line[:6] in ("SigBlk", "SigIgn")}
    # Python itself ignores SIGPIPE and SIGXFSZ.
    h.check(
        "no signal blocked or ignored that the caller did not",
        int(status["SigBlk"], 16) & ~own["SigBlk"] == 0
        and int(status["SigIgn"], 16) & ~(own["SigIgn"] | 1 << 12 | 1 << 24) == 0,
        status,
    )
    with open(f"/proc/{child.pid}/status") as text:
        mine = dict(line.rstrip("\n").split(":\t", 1) for line in text if ":\t" in line)
    h.check("nor has the supervisor a capability in effect", int(mine["CapEff"], 16) == 0, mine["CapEff"])
    child.stdin.close()
    child.stdin = None
    h.ended(child)
    for fd in inherited:
        os.close(fd)
    where = h.place()
    run = h.proctor([h.PYTHON, "-c", "import os; print(os.getcwd())"], cwd=where)
    h.equal("the working directory is the caller's", run.out, where.encode() + b"\n")


def inherited_socket():
    import socket

    return socket.socketpair()[0].detach()


def another_user(box):
    if os.getuid() != 0:
        run = h.proctor([h.PYTHON, "-c", ""], "--user", "root", cwd=box)
        return h.check(
            "--user needs root: a clear word",
            run.status == 64 and run.err.count(b"\n") == 1 and b"--user" in run.err,
            run,
        )
    os.chmod(box, 0o755)
    script = h.put(
        box,
        "who.py",
        "import os\nprint(os.getresuid(), os.getresgid(), os.getgroups())\ntry: os.setuid(0)\nexcept PermissionError: print('stays')\n",
    )
    logs = h.place()
    os.chmod(logs, 0o777)
    run = h.proctor([h.PYTHON, script], "--user", "nobody", cwd=box, directory=logs)
    h.check(
        "--user nobody: the program is nobody, log and verdict are written",
        run.status == 0
        and run.out.startswith(b"(65534, 65534, 65534)")
        and b"stays" in run.out
        and run.last("end")
        and run.verdict.get("status") == "OK",
        run,
    )
    child = h.start(
        [h.PYTHON, "-c", "import sys; print(1, flush=True); sys.stdin.read()"],
        "--user",
        "nobody",
        cwd=box,
        log=False,
        verdict=False,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    child.stdout.readline()
    owners = {uid(pid) for pid in [child.pid] + h.children_of(child.pid)}
    h.equal("the supervisor too", owners, {65534})
    child.stdin.close()
    child.stdin = None
    h.ended(child)
    run = h.proctor([h.PYTHON, script], "--user", "no-such-user", cwd=box)
    h.check("--user of nobody known: 64", run.status == 64 and b"no such user" in run.err, run)


def uid(pid):
    with open(f"/proc/{pid}/status") as text:
        return int(next(line for line in text if line.startswith("Uid:")).split()[1])


def pinning(box):
    script = h.put(
        box, "cpus.py", "import os\nfor i in range(3000): os.stat('cpus.py')\nprint(sorted(os.sched_getaffinity(0)))\n"
    )
    bare = h.native([h.PYTHON, script], cwd=box)
    for options in (), ("--no-pin",):
        run = h.proctor([h.PYTHON, script], *options, cwd=box)
        h.check(
            f"the program sees the processors that it would see without proctor {' '.join(options)}",
            (run.status, run.out) == (0, bare.out),
            bare,
            run,
        )
    mask = os.sched_getaffinity(0)
    one = {min(mask)}
    run = h.proctor([h.PYTHON, script], cwd=box, preexec_fn=lambda: os.sched_setaffinity(0, one))
    h.equal("also when the caller has been given one alone", run.out, b"[%d]\n" % min(mask))
    if len(mask) > 1:
        work = h.put(
            box,
            "parallel.py",
            "import hashlib, threading, time\nb = bytes(8 << 20)\ndef f():\n    for i in range(12): hashlib.sha256(b).digest()\n"
            "ts = [threading.Thread(target=f) for _ in range(2)]\na = time.monotonic(); c = time.process_time()\n[t.start() for t in ts]; [t.join() for t in ts]\n"
            "print((time.process_time() - c) / (time.monotonic() - a))\n",
        )
        best = max(float(h.proctor([h.PYTHON, work], cwd=box).out or 0) for _ in range(3))
        bare = max(float(h.native([h.PYTHON, work], cwd=box).out or 0) for _ in range(3))
        h.check(
            f"two threads that compute get two processors, as without it ({best:.2f} to {bare:.2f})",
            best > bare * 0.7 or best > 1.3,
            best,
            bare,
        )


def main():
    box = h.place()
    for part in environment, stacks, telling, verdicts, beginnings, another_user, pinning:
        part(box)
    h.equal("no process is left", h.survivors(), [])
    h.finish()


main()
