#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each limit ends the run within half a second of being crossed, with its own verdict and exit
status, exact where it is counted, and leaves no process behind.

The program says on its stderr when, by CLOCK_MONOTONIC, it is about to cross (a tenth of a second
before, for CPU time); the test looks at the same clock when proctor has ended.
LIVE_MARGIN (seconds) is added for the noise of the machine.
"""

import os
import pty
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
import harness as h

HEAD = """
import os, sys, threading, time, mmap
def crossed(): os.write(2, b'%d\\n' % time.monotonic_ns())
"""
PROGRAMS = {
    # name: (program, options, status in the verdict, limit, what of the limit is used at least)
    "cpu, one thread": (
        """
while time.process_time() < 0.3: pass
crossed()
while True: pass
""",
        ["--cpu", "400ms"],
        "TO",
        "cpu",
    ),
    "cpu, in the kernel": (
        """
data = bytearray(1 << 20); f = os.open('/dev/zero', 0)
while time.process_time() < 0.3: os.readv(f, [data])
crossed()
while True: os.readv(f, [data])
""",
        ["--cpu", "400ms"],
        "TO",
        "cpu",
    ),
    "cpu, four threads": (
        """
def spin():
    while True: sum(range(1000))
for _ in range(4): threading.Thread(target=spin).start()
while time.process_time() < 0.3: time.sleep(0.01)
crossed()
""",
        ["--cpu", "400ms"],
        "TO",
        "cpu",
    ),
    "cpu, brokered calls alone": (
        """
while time.process_time() < 0.1: os.stat('/dev/null')
crossed()
while True: os.stat('/dev/null')
""",
        ["--cpu", "200ms", "--calls", "denied"],
        "TO",
        "cpu",
    ),
    "wall, asleep": (
        """
time.sleep(0.3)
crossed()
time.sleep(60)
""",
        ["--wall", "400ms"],
        "TO",
        "wall",
    ),
    "wall, waiting for stdin": (
        """
crossed() if not threading.Timer(0.3, crossed).start() else 0
sys.stdin.read()
""",
        ["--wall", "400ms"],
        "TO",
        "wall",
    ),
    "wall, every signal ignored": (
        """
import signal
for s in signal.valid_signals():
    try: signal.signal(s, signal.SIG_IGN)
    except OSError: pass
time.sleep(0.3); crossed(); time.sleep(60)
""",
        ["--wall", "400ms"],
        "TO",
        "wall",
    ),
    "wall, blocked in an open": (
        """
threading.Timer(0.3, crossed).start()
open('fifo')
""",
        ["--wall", "400ms"],
        "TO",
        "wall",
    ),
    "memory, step by step": (
        """
x = []
for i in range(64):
    x.append(b'a' * (4 << 20))
    if i == 10: crossed()
    time.sleep(0.002)
time.sleep(60)
""",
        ["--memory", "64MiB"],
        "ML",
        "memory",
    ),
    "memory, at one blow": (
        """
crossed(); x = b'a' * (600 << 20); time.sleep(60)
""",
        ["--memory", "64MiB"],
        "ML",
        "memory",
    ),
    "memory, mapped": (
        """
crossed(); x = mmap.mmap(-1, 300 << 20); x[::4096] = b'a' * (len(x) // 4096); time.sleep(60)
""",
        ["--memory", "64MiB"],
        "ML",
        "memory",
    ),
    "memory, in a thread without the first": (
        """
import ctypes
def grow(): time.sleep(0.1); crossed(); x = b'a' * (300 << 20); time.sleep(60)
threading.Thread(target=grow).start(); ctypes.CDLL(None).syscall(60, 0)
""",
        ["--memory", "64MiB"],
        "ML",
        "memory",
    ),
    "tasks": (
        """
ts = []
for i in range(4): t = threading.Thread(target=time.sleep, args=(60,), daemon=True); t.start()
crossed(); threading.Thread(target=time.sleep, args=(60,)).start(); time.sleep(60)
""",
        ["--tasks", "5"],
        "PV",
        "tasks",
    ),
    "files, opened": (
        """
x = [open('/dev/null') for i in range(29)]
crossed(); x += [open('/dev/null') for i in range(30)]; time.sleep(60)
""",
        ["--files", "32"],
        "PV",
        "files",
    ),
    "files, duplicated": (
        """
x = [os.dup(0) for i in range(28)]
crossed(); x.append(os.dup(0)); x.append(os.dup(0)); time.sleep(60)
""",
        ["--files", "32"],
        "PV",
        "files",
    ),
    "files, pipes": (
        """
crossed(); x = [os.pipe() for i in range(15)]; time.sleep(60)
""",
        ["--files", "32"],
        "PV",
        "files",
    ),
}

# What each writes in vain goes on for ever; LIMIT bytes must come out and not one more.
OUTPUT = {
    "print": "while True: print('x' * 100)",
    "one write": "os.write(1, b'a' * (1 << 20))\ntime.sleep(60)",
    "buffered and left to the end": "sys.stdout.write('a' * 3000000)",
    "small writes": "while True: os.write(1, b'ab')",
    "writev": "while True: os.writev(1, [b'', b'abc', b'de' * 50])",
    "stderr": "while True: os.write(2, b'abc' * 100)",
    "stdout and stderr together": "while True: os.write(1, b'abc'); os.write(2, b'de' * 40)",
    "a duplicated descriptor": "d = os.dup(1)\nwhile True: os.write(d, b'abc' * 100)",
    "a duplicate over stdin": "os.dup2(1, 0); os.close(1)\nwhile True: os.write(0, b'abc' * 100)",
    "a high duplicate": "import fcntl; d = fcntl.fcntl(1, 1030, 200)\nwhile True: os.write(d, b'abc' * 100)",
    "/dev/stdout": "f = open('/dev/stdout', 'wb', 0)\nwhile True: f.write(b'abc' * 100)",
    "/proc/self/fd/1": "f = os.open('/proc/self/fd/1', 1)\nwhile True: os.write(f, b'abc' * 100)",
    "eight threads": "def f():\n    while True: os.write(1, b'abc' * 33)\nfor i in range(8): threading.Thread(target=f).start()",
    "sendfile": "f = open(__file__)\nwhile True:\n    try: os.sendfile(1, f.fileno(), 0, 500)\n    except OSError: os.write(1, b'abc' * 50)",
    "pwrite and splice are no way around": "import ctypes\nl = ctypes.CDLL(None)\nr, w = os.pipe(); os.write(w, b'x' * 10000)\nl.pwrite(1, b'x' * 50, 50, 0)\n"
    "l.splice(r, None, 1, None, 10000, 0); l.tee(r, 1, 5000, 0)\nwhile True: os.write(1, b'abc' * 100)",
    "a signal in between": "import signal\nsignal.signal(signal.SIGALRM, lambda *a: None); signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)\n"
    "while True: os.write(1, b'abc' * 100)",
}


def watch(name, text, options, status, limit, box, exit_mode="child"):
    script = h.put(box, "limit.py", HEAD + text)
    begin = time.monotonic()
    child = h.start(
        [h.PYTHON, script],
        *options,
        "--exit",
        exit_mode,
        cwd=box,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    stdin, child.stdin = child.stdin, None  # stays open: nothing comes, and no end either
    run = h.ended(child, timeout=20)
    now = time.monotonic()
    stdin.close()
    verdict = run.verdict
    told = [int(line) for line in run.err.split() if line.isdigit()]
    if limit == "wall":
        # Known from outside: not before this.
        late = now - begin - float(options[1].rstrip("ms")) / 1000
    else:
        late = now - told[0] / 1e9 - (0.1 if limit == "cpu" else 0) if told else float("inf")
    h.check(
        f"{name}: {status}, limit {limit}",
        verdict.get("status") == status and verdict.get("limit", {}).get("name") == limit,
        run,
    )
    h.check(f"{name}: ended within 0.5 s", late < 0.5 + h.MARGIN, f"{late:.3f} s after the crossing", run)
    used = verdict.get("limit", {})
    h.check(
        f"{name}: the verdict says what was allowed and what was used",
        used and used["used"] > used["value"] and used["ref"] == options[0],
        used,
    )
    want = {"child": {"TO": 124}.get(status, 137), "verdict": h.EXIT_VERDICT[status], "judged": 0}[exit_mode]
    h.equal(f"{name}: exit status with --exit {exit_mode}", run.status, want)
    end = run.last("end")
    h.check(f"{name}: the log says it too", end and end["status"] == status and end["limit"]["name"] == limit, end)


def output_to_terminal(box, limit):
    script = h.put(box, "tty.py", HEAD + "while True: os.write(1, b'abc' * 33)\n")
    master, slave = pty.openpty()
    got = [0]

    def read():
        try:
            while chunk := os.read(master, 65536):
                got[0] += len(chunk)
        except OSError:
            pass

    reader = threading.Thread(target=read)
    reader.start()
    run = h.proctor(
        [h.PYTHON, script],
        "-q",
        "--output",
        f"{limit}B",
        "--wall",
        "20s",
        cwd=box,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        timeout=40,
    )
    os.close(slave)
    reader.join()
    h.check("output to a terminal: the same", got[0] == limit and run.verdict.get("status") == "OL", got, run)


def output(box):
    limit = 50000
    option = f"{limit}B"
    for name, text in OUTPUT.items():
        script = h.put(box, "out.py", HEAD + text + "\n")
        run = h.proctor(
            [h.PYTHON, script], "-q", "--output", option, "--wall", "20s", "--exit", "verdict", cwd=box, timeout=40
        )
        got = len(run.out) + (len(run.err) if "stderr" in name else 0)
        # What several threads are writing at that moment may be cut off, never exceed it.
        least = limit - 8 * 99 if "threads" in name else limit
        h.check(
            f"output by {name}: up to the limit, then OL",
            least <= got <= limit and run.status == 14 and run.verdict.get("limit", {}).get("name") == "output",
            got,
            run,
        )
    for name, text in OUTPUT.items():
        if name not in ("print", "writev", "eight threads", "/dev/stdout", "sendfile"):
            continue
        script = h.put(box, "out.py", HEAD + text + "\n")
        path = os.path.join(h.place(), "out")
        with open(path, "wb") as out:
            run = h.proctor(
                [h.PYTHON, script], "-q", "--output", option, "--wall", "20s", cwd=box, stdout=out, stderr=out, timeout=40
            )
        least = limit - 8 * 99 if "threads" in name else limit
        h.check(
            f"output to a file by {name}: the same",
            least <= os.path.getsize(path) <= limit and run.verdict.get("status") == "OL",
            os.path.getsize(path),
            run,
        )
    if h.no_terminal():
        h.skip("output to a terminal", h.no_terminal())
    else:
        output_to_terminal(box, limit)
    run = h.proctor(
        [h.PYTHON, h.put(box, "fits.py", "import sys; sys.stdout.write('a' * 50000)")], "--output", option, cwd=box
    )
    h.check(
        "output of just the limit is no offence",
        run.status == 0 and len(run.out) == limit and run.verdict["status"] == "OK",
        run,
    )
    run = h.proctor(
        [
            h.PYTHON,
            h.put(
                box,
                "pipe.py",
                "import os\nr, w = os.pipe()\nfor i in range(100): os.write(w, b'a' * 4096); os.read(r, 4096)\nprint('ok')",
            ),
        ],
        "--output",
        "1000B",
        cwd=box,
    )
    h.check("what goes through the program's own pipes is not counted", run.status == 0 and run.out == b"ok\n", run)
    slow = h.start(
        [h.PYTHON, h.put(box, "slow.py", "import os\nwhile True: os.write(1, b'a' * 65536)\n")],
        "--output",
        "1MiB",
        "--wall",
        "1s",
        cwd=box,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    time.sleep(0.2)
    begin = time.monotonic()
    slow.wait(20)
    h.check("nobody reads stdout: the wall limit ends it", time.monotonic() - begin < 1 + h.MARGIN)
    run = h.ended(slow)
    h.check("with its verdict", run.verdict.get("limit", {}).get("name") == "wall", run)


def after_the_end(box):
    """Crossed between two ticks, at the very end: seen by what the kernel counted."""
    run = h.proctor(
        [h.PYTHON, h.put(box, "spike.py", "x = b'a' * (200 << 20)\nimport os; os._exit(0)\n")],
        "--memory",
        "64MiB",
        cwd=box,
    )
    h.check("memory that was there for a moment", run.verdict.get("status") == "ML", run)
    run = h.proctor(
        [h.PYTHON, h.put(box, "busy.py", "import time\nwhile time.process_time() < 0.35: pass\n")],
        "--cpu",
        "300ms",
        cwd=box,
    )
    h.check("CPU time just over the limit", run.verdict.get("status") == "TO", run)
    run = h.proctor(
        [h.PYTHON, h.put(box, "fine.py", "x = b'a' * (20 << 20); print(len(x))\n")],
        "--memory",
        "64MiB",
        "--cpu",
        "5s",
        "--wall",
        "20s",
        "--output",
        "1MiB",
        "--tasks",
        "1",
        "--files",
        "16",
        cwd=box,
    )
    h.check(
        "a program within all limits is left alone",
        run.status == 0 and run.verdict.get("status") == "OK" and "limit" not in run.verdict,
        run,
    )
    facts = run.verdict
    h.check(
        "what it used is told",
        facts["cpu_ns"] > 5e6 and facts["wall_ns"] > 5e6 and facts["memory_bytes"] > 20 << 20,
        facts,
    )


def main():
    box = h.place()
    os.mkfifo(box + "/fifo")
    modes = ["child", "verdict", "judged"]
    for i, (name, (text, options, status, limit)) in enumerate(PROGRAMS.items()):
        watch(name, text, options, status, limit, box, modes[i % 3])
    for mode in modes:
        watch(f"wall, --exit {mode}", "crossed(); time.sleep(60)\n", ["--wall", "100ms"], "TO", "wall", box, mode)
    output(box)
    after_the_end(box)
    h.equal("no process is left", h.survivors(), [])
    h.finish()


main()
