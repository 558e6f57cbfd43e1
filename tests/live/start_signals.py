# SPDX-License-Identifier: Apache-2.0
"""Signals that reach the program while it is being started, its scratch being mapped: none is in the way."""
import os
import signal
import time

import harness as h

# A fork that a signal wakes while it is made ready is no more used, and the run is cold.
h.warmth.COLD += ("the fork cannot be adopted",)
ROUNDS = int(os.environ.get("ROUNDS", "40"))
SIGNALS = [signal.SIGWINCH, signal.SIGSTOP, signal.SIGCONT, signal.SIGCHLD]


def children(pid):
    return h.children_of(pid)


def send(pids, sig):
    for pid in pids:
        try:
            os.kill(pid, sig)
        except OSError:
            pass


def run_once():
    child = h.start([h.PYTHON, "-c", "print(1)"], log=False, stdin=h.subprocess.DEVNULL, stdout=h.subprocess.PIPE, stderr=h.subprocess.PIPE)
    for n in range(60):
        send(children(child.pid), SIGNALS[n % 4])
        if SIGNALS[n % 4] == signal.SIGSTOP:
            send(children(child.pid), signal.SIGCONT)
        time.sleep(0.0002)
    end = time.monotonic() + 30
    while child.poll() is None and time.monotonic() < end:
        send(children(child.pid), signal.SIGCONT)
        time.sleep(0.01)
    child.kill()
    run = h.ended(child)
    return run.status, run.out, run.err


def main():
    wrong = [got for got in (run_once() for _ in range(ROUNDS)) if got != (0, b"1\n", b"")]
    h.check(f"{ROUNDS} starts under stops, continues and other signals", not wrong, wrong[:3])
    h.equal("no process is left", h.survivors(), [])
    h.finish()


main()
