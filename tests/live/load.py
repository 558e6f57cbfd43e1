#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Many runs in a row and many at once: each has its verdict and a complete log, nothing leaks. A
program with 200 threads, and one that makes very many calls in a supervisor of 8 MiB.

LOAD_RUNS (300), LOAD_AT_ONCE (40) and LOAD_CALLS (100,000) say how much; LOAD_FULL=1 makes it
10,000, 200 and 10,000,000.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
import harness as h

FULL = os.environ.get("LOAD_FULL") == "1"
RUNS = int(os.environ.get("LOAD_RUNS", 10000 if FULL else 300))
AT_ONCE = int(os.environ.get("LOAD_AT_ONCE", 200 if FULL else 40))
CALLS = int(os.environ.get("LOAD_CALLS", 10**7 if FULL else 10**5))
MAX_KIB = 8192

PROGRAM = r"""
import os, sys, threading
n = int(sys.argv[1])
def work(t):
    for i in range(20): os.access('t%d-%d' % (t, i), 4)
for i in range(10): os.access('first-%d' % i, 4)
try: open('/etc/passwd')
except PermissionError: pass
ts = [threading.Thread(target=work, args=(t,)) for t in range(n % 4)]
[t.start() for t in ts]; [t.join() for t in ts]
print(n)
sys.exit(n % 3)
"""


def wrong_with(n, status, out, log_path, verdict_path):
    """What is wrong with run N, or None."""
    if status != n % 3 or out != b"%d\n" % n:
        return f"status {status}, output {out!r}"
    with open(verdict_path) as text:
        verdict = json.load(text)
    if (
        verdict["status"] != ("OK", "RE", "RE")[n % 3]
        or verdict["violations"] != 1
        or verdict["run"]["submission"] != f"run-{n}"
    ):
        return f"verdict {verdict}"
    with open(log_path, "rb") as log:
        raw = log.read()
    if verdict["log"]["sha256"] != hashlib.sha256(raw).hexdigest() or not verdict["log"]["complete"]:
        return "the log is not the verdict's"
    records = [json.loads(line) for line in raw.splitlines()]
    if records[0]["kind"] != "start" or records[-1]["kind"] != "end" or records[-1]["records"] != len(records):
        return "the log is not complete"
    if [r["event"]["sequence"] for r in records if "event" in r] != list(
        range(1, sum("event" in r for r in records) + 1)
    ):
        return "sequence numbers have holes"
    seen = {}
    for r in records:
        match = r["kind"] == "call" and re.fullmatch(r'"(first|t\d+)-(\d+)"', r["syscall"]["args"][0])
        if match:
            seen.setdefault(match[1], []).append(int(match[2]))
    want = {"first": list(range(10)), **{f"t{t}": list(range(20)) for t in range(n % 4)}}
    return None if seen == want else f"calls {seen}"


def begin(n, box, script, logs):
    log_path, verdict_path = f"{logs}/{n}.jsonl", f"{logs}/{n}.json"
    return subprocess.Popen(
        [
            h.PROCTOR,
            "run",
            "-o",
            log_path,
            "--verdict",
            verdict_path,
            "--id",
            f"run-{n}",
            "--",
            h.PYTHON,
            "-I",
            "-S",
            script,
            str(n),
        ],
        cwd=box,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=h.clean_env(TMPDIR=os.environ.get("TMPDIR", "/tmp")),
    )


def end(n, child, logs):
    out, err = child.communicate(timeout=120)
    paths = f"{logs}/{n}.jsonl", f"{logs}/{n}.json"
    try:
        wrong = wrong_with(n, child.returncode, out, *paths)
    except (OSError, ValueError, KeyError) as error:
        wrong = repr(error)
    for path in paths:
        if os.path.exists(path):
            os.unlink(path)
    return f"run {n}: {wrong} {err[:300]!r}" if wrong else None


def in_a_row(box, script, logs):
    scratch = h.place()
    os.environ["TMPDIR"] = scratch
    fds = len(os.listdir("/proc/self/fd"))
    bad = [b for b in (end(n, begin(n, box, script, logs), logs) for n in range(RUNS)) if b]
    h.check(
        f"{RUNS} runs in a row: each with its status, verdict and whole log, in the order of its calls",
        not bad,
        len(bad),
        *bad[:3],
    )
    h.equal("no process is left of them", h.survivors(), [])
    h.equal(
        "no file is left of them",
        (os.listdir(logs), sorted(os.listdir(box)), os.listdir(scratch)),
        ([], ["d", "load.py"], []),
    )
    h.equal("no descriptor is left of them", len(os.listdir("/proc/self/fd")), fds)


def at_once(box, script, logs):
    started = time.monotonic()
    children = [(n, begin(n, box, script, logs)) for n in range(AT_ONCE)]
    bad = [b for b in (end(n, child, logs) for n, child in children) if b]
    h.check(f"{AT_ONCE} runs at once: the same ({time.monotonic() - started:.1f} s)", not bad, len(bad), *bad[:3])
    h.equal("no process is left of them", h.survivors(), [])


class Watch(threading.Thread):
    """The most resident memory that a process ever has, in KiB."""

    def __init__(self, pid):
        super().__init__()
        self.pid, self.peak, self.fds, self.over = pid, 0, 0, threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(0.01):
            try:
                with open(f"/proc/{self.pid}/status") as text:
                    self.peak = max(self.peak, int(re.search(r"VmHWM:\s+(\d+)", text.read())[1]))
                self.fds = max(self.fds, len(os.listdir(f"/proc/{self.pid}/fd")))
            except (OSError, TypeError):
                pass


def watched(words, *options, box, timeout=600):
    child = h.start(words, *options, cwd=box, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    watch = Watch(child.pid)
    run = h.ended(child, timeout=timeout)
    watch.over.set()
    watch.join()
    return run, watch


def resident(sentence, watch):
    if h.sanitized():
        h.skip(sentence, "a sanitizer's shadow is resident too")
    else:
        h.check(f"{sentence} ({watch.peak} KiB)", 0 < watch.peak <= MAX_KIB, watch.peak)


def many_threads(box):
    script = h.put(
        h.place(),
        "threads.py",
        "import threading\nb = threading.Barrier(200)\ndef f():\n    b.wait()\n    for i in range(50):\n"
        "        with open('d') as x: assert x.read() == 'data'\nts = [threading.Thread(target=f) for _ in range(200)]\n"
        "[t.start() for t in ts]; [t.join() for t in ts]; print('all')\n",
    )
    run, watch = watched([h.PYTHON, script], "-r", box, box=box)
    h.check("200 threads that all open files", run.status == 0 and run.out == b"all\n", run)
    opens = [r for r in run.calls("openat") if r["syscall"]["args"][1] == '"d"']
    h.check(
        "10,000 opens recorded, each thread's fifty",
        len(opens) == 10000 and len({r["process"]["thread"]["id"] for r in opens}) > 100,
        len(opens),
    )
    resident(f"the supervisor stays within {MAX_KIB} KiB", watch)
    h.check("and keeps no descriptor for each", watch.fds < 200, watch.fds)


def many_calls(box):
    script = h.put(
        h.place(),
        "calls.py",
        "import os, sys\nn, a = int(sys.argv[1]), os.access\nfor i in range(n): a('d', 4)\nprint('made')\n",
    )
    run, watch = watched([h.PYTHON, script, str(CALLS)], "-r", box, "--log-max", "none", box=box, timeout=3600)
    h.check(f"{CALLS} brokered calls", run.status == 0 and run.out == b"made\n", run)
    count = sum(1 for line in open(run.log_path, "rb") if b'"action":"access"' in line and b'\\"d\\"' in line)
    h.equal("each is in the log", count, CALLS)
    resident(f"the supervisor stays within {MAX_KIB} KiB", watch)
    os.unlink(run.log_path)
    policy = h.put(h.place(), "p.yaml", "version: 1\nextends: builtin:pure\nlog: {max: 1MiB, on_full: drop}\n")
    run, watch = watched([h.PYTHON, script, str(CALLS)], "-r", box, "-p", policy, box=box, timeout=3600)
    lost = run.last("lost")
    h.check(
        "with a cap on the log: it stays small, and what is lost is counted",
        run.status == 0
        and os.path.getsize(run.log_path) < (1 << 20) + 65536
        and lost
        and lost["count"] + len(run.calls()) + sum(r["kind"] == "signal" for r in run.records)
        == sum(row["calls"] for row in run.last("summary")["syscalls"]),
        lost,
    )
    resident(f"the supervisor stays within {MAX_KIB} KiB", watch)
    refused = h.put(
        h.place(),
        "refused.py",
        "import os\nfor i in range(%d):\n    try: open('/nothing/%%d' %% i)\n    except OSError: pass\n"
        % (CALLS // 20),
    )
    run, watch = watched([h.PYTHON, refused], "--live", "/dev/null", box=box)
    h.check(
        f"{CALLS // 20} refusals, each of another file",
        run.status == 0 and run.verdict["violations"] == CALLS // 20,
        run,
    )
    resident("the supervisor does not grow with them", watch)
    deep = h.put(
        h.place(),
        "deep.py",
        "import sys\nsys.setrecursionlimit(10000)\ndef f(n):\n    if n: return f(n - 1)\n    for i in range(300):\n"
        "        try: open('/nothing')\n        except OSError: pass\nf(5000)\n",
    )
    run, watch = watched([h.PYTHON, deep], box=box)
    h.check("300 refusals from 5,000 frames down", run.status == 0 and run.verdict["violations"] == 300, run)
    print(f"# resident with deep stacks: {watch.peak} KiB")


def main():
    box, logs = h.place(), h.place()
    h.put(box, "d", "data")
    script = h.put(box, "load.py", PROGRAM)
    in_a_row(box, script, logs)
    at_once(box, script, logs)
    many_threads(box)
    many_calls(box)
    h.equal("no process is left", h.survivors(), [])
    h.finish()


main()
