#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The supervisor meets every fault there is: killed at any moment, its calls failing one after the
other, out of descriptors, processes, memory or disk. Always a clean end, never an allow of what is
refused, never a process left, never a death by a signal of its own.

FAULT_SHIM is the shim (tests/live/fault_shim.c), FAULT_RUNS how many injections (default 300;
FAULT_RUNS=all for every call of every function), FAULT_SEED which of them, FAULT_ONLY the functions.
"""

import concurrent.futures
import errno
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import harness as h

SHIM = os.environ.get("FAULT_SHIM") or os.path.join(os.environ.get("top_builddir", "."), "tests/live/fault_shim")
RUNS = os.environ.get("FAULT_RUNS", "300")
SEED = int(os.environ.get("FAULT_SEED", "1"))

# Without what a fault keeps from it a run is cold.
h.warmth.COLD += ("the pool", "the fork cannot be adopted", "the working directory ")

# Says LEAK when anything refused was not; otherwise a fixed text.
PROGRAM = r"""
import os, threading
def look(path, *mode):
    try:
        with open(path, *mode) as f: print('LEAK', path, f.read(5) if not mode else '', flush=True)
    except OSError: pass
def all():
    for p in '/etc/passwd', 'OUT/file', '../' + 'OUT'.split('/')[-1] + '/file', 'escape': look(p)
    for p in 'new', 'OUT/new', 'data': look(p, 'w')
    try:
        if os.stat('OUT/file').st_size == 7: print('LEAK stat', flush=True)
    except OSError: pass
    try: os.fork() or os._exit(0); print('LEAK fork', flush=True)
    except OSError: pass
    try: os.mkdir('dir'); print('LEAK mkdir', flush=True)
    except OSError: pass
    try: import socket; socket.socket(); print('LEAK socket', flush=True)
    except OSError: pass
all()
t = threading.Thread(target=all); t.start(); t.join()
print(open('data').read().strip(), os.path.getsize('data'), sorted(os.listdir('sub')), os.readlink('link'))
print('done')
"""
EXPECTED = b"data 5 ['inner'] data\ndone\n"

# What proctor may say of itself when it fails.
HONEST = {64, 65, 70, 71, 74, 125, 126, 127}
ERRNOS = {
    "malloc": errno.ENOMEM,
    "calloc": errno.ENOMEM,
    "realloc": errno.ENOMEM,
    "write": errno.ENOSPC,
    "fork": errno.EAGAIN,
    "clone": errno.EAGAIN,
    "mmap": errno.ENOMEM,
    "mprotect": errno.ENOMEM,
    "open": errno.EMFILE,
    "openat": errno.EMFILE,
    "pipe2": errno.EMFILE,
    "dup": errno.EMFILE,
    "dup2": errno.EBUSY,
    "dup3": errno.EBUSY,
    "memfd_create": errno.ENOMEM,
    "syscall:437": errno.ENFILE,
    "syscall:438": errno.EMFILE,
    "syscall:434": errno.EMFILE,
    "opendir": errno.EMFILE,
    "fopen": errno.EMFILE,
    "kill": errno.EPERM,
}
# sigaction(2) and sigprocmask(2) fail on bad arguments only.
UNLIKELY = {"sigaction", "sigprocmask"}


class Arena:
    def __init__(self):
        self.box, self.out = h.place(), h.place()
        h.put(self.box, "data", "data\n")
        h.put(self.box, "sub/inner", "inner")
        os.symlink("data", self.box + "/link")
        h.put(self.out, "file", "secret\n")
        os.symlink(self.out + "/file", self.box + "/escape")
        self.script = h.put(self.box, "faults.py", PROGRAM.replace("OUT", self.out))
        self.before = self.facts()

    def facts(self):
        return sorted(os.listdir(self.box)) + sorted(os.listdir(self.out)), os.path.getsize(self.box + "/data")

    def run(self, *options, shim=None, **how):
        env = h.clean_env(**({"LD_PRELOAD": os.path.abspath(SHIM), **shim} if shim is not None else {}))
        # In a session of its own: kill(0, …) in error would end this one, and nobody could tell.
        how.setdefault("start_new_session", True)
        return h.proctor([h.PYTHON, self.script], *options, env=env, cwd=self.box, timeout=30, **how)


def readable(path):
    """The records of a log that may end in the middle of a line; None when a line before is broken."""
    try:
        with open(path, "rb") as log:
            lines = log.read().split(b"\n")
    except OSError:
        return []
    lines.pop()
    try:
        return [json.loads(line) for line in lines]
    except ValueError:
        return None


def judge(run, mode, expect_whole=True):
    """What is wrong with this end, or None."""
    if not isinstance(run.status, int) or run.status < 0:
        return f"proctor ended by {run.status}"
    if b"LEAK" in (run.out or b""):
        return "an allow of what is refused"
    records = readable(run.log_path)
    if records is None:
        return "a broken line in the log"
    verdict = run.verdict
    if os.path.exists(run.verdict_path) and not verdict:
        return "a verdict that is not whole"
    done = run.out == EXPECTED
    if run.status in HONEST and not (verdict and verdict["status"] == "RE" and run.status == verdict["exit"]["code"]):
        if not re.search(rb"(?m)^(proctor: |\S+: )", run.err):
            return f"status {run.status} without a word"
        # Out of memory says 70 wherever it happens; else each mode has its own number.
        if run.status == {"child": 70, "verdict": 125}[mode] and b"out of memory" not in run.err:
            return f"status {run.status} with --exit {mode}"
        if verdict and verdict["status"] not in ("XX",) and run.status not in (74,):
            return f"status {run.status}, verdict {verdict['status']}"
        return None
    # Otherwise the program ran to an end of its own, and log and verdict have to be whole.
    if not verdict or not records or records[-1]["kind"] != "end" or not verdict["log"]["complete"]:
        return f"status {run.status} without a whole log and verdict"
    if verdict["status"] == "OK":
        if not done or run.status != 0:
            return "OK without the program's output"
        if (
            len([r for r in records if r["kind"] == "call" and r["decision"].get("violation")]) != verdict["violations"]
            or verdict["violations"] + verdict["refusals"]["look"] < 20
        ):
            return "OK with refusals missing"
        return None
    # A fault that reached the program as an errno: its own failure, told as such.
    if verdict["status"] == "RE":
        want = {"child": verdict["exit"]["code"], "verdict": 10}[mode]
        return None if run.status == want else f"status {run.status}, verdict RE"
    if verdict["status"] in ("SG", "PV", "TO", "ML", "OL"):
        return (
            None
            if run.status == {"verdict": h.EXIT_VERDICT[verdict["status"]]}.get(mode, run.status)
            else f"status {run.status}"
        )
    return f"status {run.status}, verdict {verdict['status']}"


def injections(counts):
    """[(function, n, sticky)], spread over each function's calls."""
    chooser = random.Random(SEED)
    plan = []
    if RUNS == "all":
        return [(name, n, False) for name, count in counts.items() for n in range(1, count + 1)]
    budget = int(RUNS)
    # Rare calls all, frequent ones a sample: each function gets the same share until all is given out.
    share = max(2, budget // len(counts))
    while sum(min(share, c) for c in counts.values()) < budget and share < max(counts.values()):
        share += 1
    for name, count in counts.items():
        ns = (
            list(range(1, count + 1))
            if count <= share
            else sorted({1, count, *chooser.sample(range(1, count + 1), share - 2)})
        )
        plan += [(name, n, False) for n in ns]
        if count > 1:
            plan.append((name, chooser.randint(1, count), True))
    return plan


def inject(arena):
    if not os.path.exists(SHIM):
        return h.skip("fault injection", f"there is no shim at {SHIM}")
    if h.sanitized():
        return h.skip("fault injection", "the sanitizer's runtime has to come first in LD_PRELOAD's place")
    counts_path = h.place() + "/counts"
    run = arena.run(shim={"FAULT_COUNTS": counts_path})
    h.check("with the shim and no fault the run is as ever", run.status == 0 and run.out == EXPECTED, run)
    with open(counts_path) as text:
        counts = {name: int(n) for name, n in (line.split() for line in text) if name not in UNLIKELY}
    everything = len(counts)
    h.check(
        "the shim sees the supervisor's calls",
        counts.get("ptrace", 0) > 100 and counts.get("clone", 0) == (not run.warm) and counts.get("syscall:437", 0) > 20,
        counts,
    )
    only = os.environ.get("FAULT_ONLY", "").split()
    counts = {name: n for name, n in counts.items() if not only or name in only}
    plan = injections(counts)
    h.title(f"{len(plan)} injections into {len(counts)} of {everything} functions (seed {SEED})")

    def one(i):
        name, n, sticky = plan[i]
        mode = ("child", "verdict")[i % 2]
        shim = {"FAULT_CALL": name, "FAULT_AT": str(n), "FAULT_ERRNO": str(ERRNOS.get(name, errno.EIO))}
        if sticky:
            shim["FAULT_STICKY"] = "1"
        run = arena.run("--exit", mode, "--wall", "10s", shim=shim)
        wrong = judge(run, mode)
        return name, n, sticky, mode, run, wrong

    bad, statuses, worked = {}, {}, {}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, n, sticky, mode, run, wrong in pool.map(one, range(len(plan))):
            statuses[run.status] = statuses.get(run.status, 0) + 1
            worked.setdefault(name, set()).add(run.status)
            if wrong:
                bad.setdefault(name, []).append((n, "sticky" if sticky else "once", mode, wrong, repr(run)[:700]))
            for path in run.log_path, run.verdict_path:
                if os.path.exists(path):
                    os.unlink(path)
    for name in sorted(counts):
        told = bad.get(name, [])
        h.check(
            f"{name} fails: a clean end each time ({counts[name]} calls; statuses {sorted(worked.get(name, []), key=str)})",
            not told,
            f"{len(told)} wrong",
            *[str(t) for t in told[:3]],
        )
    print(f"# statuses: {dict(sorted(statuses.items(), key=str))}")
    h.check(
        "many a fault made proctor fail, and many did not",
        only or sum(statuses.get(s, 0) for s in HONEST) > 20 and statuses.get(0, 0) > 5,
        statuses,
    )
    h.equal("no process is left", h.survivors(), [])
    h.equal("nothing was written or made", arena.facts(), arena.before)


def killed(arena):
    chooser = random.Random(SEED)
    busy = h.put(
        arena.box,
        "busy.py",
        "import os, threading\ndef f():\n    while True:\n        os.stat('data'); open('data').close()\n"
        "        try: open('/etc/passwd')\n        except OSError: pass\nfor i in range(3): threading.Thread(target=f).start()\n",
    )
    arena.before = arena.facts()
    survived = broken = unfinished = lines = 0
    last = None
    for i in range(40):
        child = h.start(
            [h.PYTHON, busy],
            cwd=arena.box,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(chooser.uniform(0, 0.12) if i % 4 else chooser.uniform(0, 0.012))
        before = h.descendants(child.pid)
        child.kill()
        child.wait()
        left = h.wait_for(lambda: None if h.descendants() else True, 2)
        survived += left is None
        records = readable(child.log_path)
        broken += records is None
        lines += len(records or [])
        unfinished += any(r["kind"] == "end" for r in records or [])
        # On a busy machine one may be killed before its log begins.
        last = child if records or not last else last
    h.equal("SIGKILL to the supervisor, forty times: no tracee survives", survived, 0)
    h.equal("each log is readable up to the last flush", broken, 0)
    h.check("and holds what was flushed: each refusal at once", lines > 100, lines)
    h.equal("none of them claims to be complete", unfinished, 0)
    run = h.native([h.PROCTOR, "explain", last.log_path])
    h.check(
        "explain says that the log is incomplete",
        b"incomplete" in (run.out + run.err).lower() or b"no end" in (run.out + run.err).lower(),
        run,
    )
    h.equal(
        "no verdict is left of a run that did not end",
        [n for n in os.listdir(os.path.dirname(last.verdict_path)) if n.endswith(".tmp")],
        [],
    )


def limited(arena):
    for number in list(range(3, 24)) + [28, 32, 40, 48, 56, 64, 72, 80, 96, 128, 256]:

        def few():
            resource.setrlimit(resource.RLIMIT_NOFILE, (number, number))

        run = arena.run(preexec_fn=few)
        wrong = judge(run, "child")
        if wrong or number in (3, 20, 40, 64, 128, 256):
            h.check(f"ulimit -n {number}: a clean end (status {run.status})", not wrong, wrong, run)
    h.check("ulimit -n 256 is enough", run.status == 0 and run.out == EXPECTED, run)
    megabytes = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 128]
    for size in [] if h.sanitized() else megabytes:

        def small():
            resource.setrlimit(resource.RLIMIT_AS, (size << 20, size << 20))

        run = arena.run(preexec_fn=small)
        if run.status in (-9, -11, 127) and size < 8:
            continue  # the kernel or ld.so could not load proctor at all
        wrong = judge(run, "child")
        if wrong or size in (8, 16, 32, 128):
            h.check(f"ulimit -v {size} MiB: a clean end (status {run.status})", not wrong, wrong, run)
    if h.sanitized():
        h.skip("a memory limit on the supervisor", "the sanitizer reserves terabytes")
        return h.skip("a process limit", "the leak check at the end needs a process of its own")
    # Root is not limited.
    ordinary = {"user": 65534, "group": 65534, "extra_groups": []} if os.getuid() == 0 else {}
    if h.native(["test", "-x", h.PROCTOR], **ordinary).status != 0:
        return h.skip("a process limit", "an ordinary user cannot reach this build")
    logs = h.place()
    os.chmod(logs, 0o777)
    for directory in arena.box, arena.out:
        os.chmod(directory, 0o755)
    for number in 0, 1, 2, 3:

        def lone():
            resource.setrlimit(resource.RLIMIT_NPROC, (number, number))

        run = arena.run(preexec_fn=lone, directory=logs, **ordinary)
        wrong = judge(run, "child")
        h.check(f"ulimit -u {number} as an ordinary user: a clean end (status {run.status})", not wrong, wrong, run)
    h.equal("no process is left", h.survivors(), [])


def full_disk(arena):
    mount = h.place()
    if os.getuid() != 0 or not shutil.which("unshare") or not shutil.which("mount"):
        return h.skip("a full disk", "needs root to mount a small tmpfs; /dev/full is tried by usage.py")
    many = h.put(arena.box, "many.py", "import os\nfor i in range(20000): os.stat('data')\nprint('reached')\n")
    verdict = h.place() + "/v.json"
    shell = (
        f"mount -t tmpfs -o size=256k none {mount} && cd {arena.box} && "
        f"\"$0\" run -o {mount}/log --verdict {verdict} -- {h.PYTHON} {many}; s=$?; cat {mount}/log >&2; exit $s"
    )
    run = h.native(["unshare", "-m", "sh", "-c", shell, h.PROCTOR])
    if b"mount:" in run.err or b"unshare:" in run.err:
        return h.skip("a full disk", "mounting a tmpfs is not allowed here")
    lines = run.err.split(b"\n")
    with open(verdict) as text:
        told = json.load(text)
    h.check(
        "the disk fills with the log: status 74, the program does not go on",
        run.status == 74 and b"reached" not in run.out,
        run,
    )
    h.check(
        "the verdict says so",
        told["status"] == "XX" and told["log"]["complete"] is False and "No space" in told["error"],
        told,
    )
    records = [l for l in lines if l.startswith(b'{"v"')]
    h.check("what fitted is readable", len(records) > 100 and all(json.loads(l) for l in records[:-1]), len(records))
    shell = (
        f"mount -t tmpfs -o size=4k none {mount} && head -c 4096 /dev/zero > {mount}/fill; cd {arena.box} && "
        f"\"$0\" run --verdict {mount}/v.json -- {h.PYTHON} {arena.script}; s=$?; ls {mount} >&2; exit $s"
    )
    run = h.native(["unshare", "-m", "sh", "-c", shell, h.PROCTOR])
    h.check(
        "no room for the verdict: 74, and no half of it is left",
        run.status == 74 and b"verdict" in run.err and b"v.json" not in run.err.split(b"\n", 1)[1],
        run,
    )


def slow_reader(arena):
    script = h.put(
        arena.box, "much.py", "import os\nfor i in range(300): os.write(1, b'%07d\\n' % i * 1024); os.stat('data')\n"
    )
    child = h.start([h.PYTHON, script], cwd=arena.box, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    size = peak = 0
    while chunk := os.read(child.stdout.fileno(), 16384):
        size += len(chunk)
        time.sleep(0.002)
        try:
            with open(f"/proc/{child.pid}/status") as text:
                peak = max(peak, int(re.search(r"VmHWM:\s+(\d+)", text.read())[1]))
        except (OSError, TypeError):
            pass
    h.check("a slow reader of stdout gets every byte", child.wait(20) == 0 and size == 300 * 8192, size)
    h.check("and the supervisor keeps none of it", h.sanitized() or 0 < peak <= 10240, f"{peak} KiB")


def clock(arena):
    if not os.path.exists(SHIM) or h.sanitized():
        return h.skip("clock jumps", "they are made by the shim")
    sleeper = h.put(
        arena.box,
        "sleeper.py",
        "import os, time\nfor i in range(100): os.stat('data'); time.sleep(0.004)\nprint('done')\n",
    )
    for jump in 86400 * 365, -86400 * 365, 10**10:
        env = h.clean_env(LD_PRELOAD=os.path.abspath(SHIM), FAULT_CLOCK=str(jump), FAULT_AT="60")
        run = h.proctor([h.PYTHON, sleeper], "--wall", "30s", "--cpu", "20s", env=env, cwd=arena.box)
        sequence = [r["event"]["sequence"] for r in run.records if "event" in r]
        years = {r["@timestamp"][:4] for r in run.records if r["kind"] == "call"}
        h.check(
            f"the clock jumps by {jump} s: no limit is crossed by it, the log stays in order",
            run.status == 0
            and run.verdict["status"] == "OK"
            and sequence == sorted(sequence)
            and run.verdict["wall_ns"] < 25e9,
            run,
        )
        h.check("and the jump was there to be seen", len(years) >= 2, years)
    run = h.proctor(
        [h.PYTHON, "-c", "import time; time.sleep(20)"],
        "--wall",
        "300ms",
        env=h.clean_env(LD_PRELOAD=os.path.abspath(SHIM), FAULT_CLOCK="-100000", FAULT_AT="100"),
    )
    h.check(
        "the wall limit holds when the clock goes back",
        run.verdict.get("status") == "TO" and run.seconds < 0.3 + h.MARGIN,
        run,
    )


def main():
    arena = Arena()
    run = arena.run()
    if not h.check(
        "without a fault: everything refused, everything granted works",
        run.status == 0 and run.out == EXPECTED and run.verdict["violations"] >= 20,
        run,
    ):
        h.finish()
    killed(arena)
    limited(arena)
    full_disk(arena)
    slow_reader(arena)
    clock(arena)
    arena.before = arena.facts()
    inject(arena)
    h.finish()


main()
