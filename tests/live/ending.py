#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A program that ends, or is to be ended, in the middle of being looked at: by its own timers while a
limit is being noted, or while a record waits for the log's reader. The verdict names what the log names,
and every log is whole. ENDING_ROUNDS: how many timers are tried.
"""

import fcntl
import json
import os
import random
import sys
import threading
import time

sys.dont_write_bytecode = True
import harness as h

ROUNDS = int(os.environ.get("ENDING_ROUNDS") or (20 if h.sanitized() else 60))
PATIENCE = 30 + 10 * h.MARGIN

TIMER = """
import ctypes, os, sys
libc = ctypes.CDLL(None)
class Event(ctypes.Structure):  # sigevent(3type)
    _fields_ = [("value", ctypes.c_void_p), ("signo", ctypes.c_int), ("notify", ctypes.c_int), ("room", ctypes.c_char * 48)]
timer = ctypes.c_void_p()
if libc.timer_create(1, ctypes.byref(Event(None, 9, 0)), ctypes.byref(timer)):
    sys.exit(3)
when = (ctypes.c_long * 4)(0, 0, 0, int(sys.argv[1]))
data = b"x" * 100
settime, write = libc.timer_settime, libc.write
write(1, data, 100)
settime(timer, 0, when, None)
while True:
    write(1, data, 100)
"""

# A refusal whose record fills the log's pipe, while the first thread, which is the one looked at, is
# somewhere else.
DEEP = (
    """
import threading, time
def elsewhere():
    while True:
        time.sleep(0.001)
"""
    + "".join(f"def level_{n}_{'of_a_long_name' * 8}():\n    level_{n + 1}_{'of_a_long_name' * 8}()\n" for n in range(60))
    + f"def level_60_{'of_a_long_name' * 8}():\n    refused()\n"
    + """
def refused():
    try:
        open('/etc/shadow')
    except OSError:
        pass
    time.sleep(60)
"""
    + f"threading.Thread(target=level_0_{'of_a_long_name' * 8}, daemon=True).start()\nelsewhere()\n"
)


def is_whole(run):
    kinds = [r["kind"] for r in run.records]
    numbers = [r["event"]["sequence"] for r in run.records if "sequence" in r.get("event", {})]
    return kinds[0] == "start" and kinds[-1] == "end" and numbers == sorted(set(numbers))


def timers():
    title = "a timer that kills while the output limit is noted"
    h.title(title)
    script = h.put(h.place(), "timer.py", TIMER)
    dice = random.Random(11)
    told = {}
    for _ in range(ROUNDS):
        run = h.proctor([h.PYTHON, script, str(dice.randrange(5000, 90000))], "--output", "100B", timeout=PATIENCE)
        status = run.verdict.get("status")
        told[status] = told.get(status, 0) + 1
        if status not in ("OL", "SG") or len(run.out) > 100 or not is_whole(run):
            h.check(f"{title}: a clean end", False, run)
            return
    h.check(f"{title}: {ROUNDS} clean ends ({told})", True)


class SlowReader(threading.Thread):
    """Reads as far as the refusal's path, and the rest SECONDS later; `data` is all that came."""

    def __init__(self, path, seconds):
        super().__init__()
        self.fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        fcntl.fcntl(self.fd, 1031, 4096)  # F_SETPIPE_SZ
        os.set_blocking(self.fd, True)
        self.seconds, self.data = seconds, b""
        self.start()

    def run(self):
        deadline = time.monotonic() + PATIENCE
        while b"/etc/shadow" not in self.data and time.monotonic() < deadline:
            self.data += os.read(self.fd, 512)
        time.sleep(self.seconds)
        while True:
            part = os.read(self.fd, 65536)
            if not part:
                break
            self.data += part
        os.close(self.fd)


def slow_log():
    h.title("a limit is crossed while a refusal's record waits for the log's reader")
    directory = h.place()
    script = h.put(directory, "deep.py", DEEP)
    fifo = os.path.join(directory, "log")
    os.mkfifo(fifo)
    reader = SlowReader(fifo, 3.5)
    run = h.proctor(
        [h.PYTHON, script], "-o", fifo, "--wall", "1500ms", "--calls", "denied", "--stack", "python",
        log=False, timeout=PATIENCE,
    )  # fmt: skip
    reader.join()
    lines = reader.data.splitlines()
    records = [json.loads(line) for line in lines]
    first = [r for r in records if r["kind"] == "call" and r["decision"].get("violation")][0]
    h.equal("the limit ended it", run.verdict.get("status"), "TO")
    h.check("the record did not fit into the pipe", max(map(len, lines)) > 4096)
    h.equal("the record is of the function that was refused", first["code"]["function.name"], "refused")
    h.equal(
        "the verdict names the line that the log names",
        run.verdict["first_violation"]["code"],
        f"{os.path.basename(first['code']['file.path'])}:{first['code']['line.number']}",
    )
    numbers = [r["event"]["sequence"] for r in records if r["kind"] == "call"]
    h.equal("no record came twice", numbers, sorted(set(numbers)))
    end = records[-1]
    h.equal("where the limit met the program is told", end.get("code", {}).get("function.name"), "elsewhere")


timers()
slow_log()
h.check("nothing is left running", not h.survivors(5))
h.finish()
