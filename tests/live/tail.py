#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""proctor tail: what happens is told when it has happened, in a log that grows, is replaced, cut or hostile, and in
the directory of a batch; it ends with the run."""

import json
import os
import pty
import select
import subprocess
import time

import harness as h

PROGRAM = """import os, signal
def load(name):
    try: return open(name)
    except OSError: pass
for i in range(12): load("/nowhere/%d" % i)
for i in range(5): load("/nowhere/3")
load("/\\x1b[31mred\\u202e")
os.kill(os.getpid(), signal.SIGSEGV)
"""
box = h.place()
h.put(box, "solve.py", PROGRAM)
run = h.proctor([h.PYTHON, "solve.py"], cwd=box)
whole = open(run.log_path, "rb").read()
lines = whole.splitlines(True)
refused = run.refused()
late = float(os.environ.get("TAIL_LATE", "20")) + h.MARGIN


class Tail:
    """One that is under way: its lines as they come."""

    def __init__(self, *words, terminal=False):
        if terminal:
            self.fd, end = pty.openpty()
        else:
            self.fd, end = os.pipe()
        self.process = subprocess.Popen([h.PROCTOR, "tail", *words], stdin=subprocess.DEVNULL, stdout=end,
                                        stderr=subprocess.PIPE, env=h.clean_env())
        os.close(end)
        self.text = b""

    def until(self, words):
        """What was said when WORDS were; None: they never were."""
        end = time.monotonic() + late
        while words not in self.text:
            if time.monotonic() > end:
                return None
            if select.select([self.fd], [], [], 0.2)[0]:
                try:
                    got = os.read(self.fd, 65536)
                except OSError:  # a terminal whose other end is closed
                    got = b""
                if not got:
                    return self.text if words in self.text else None
                self.text += got
        return self.text

    def end(self):
        """(status, all that it said, what it complained of)"""
        try:
            status = self.process.wait(late)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = "goes on"
        while True:
            try:
                got = os.read(self.fd, 65536)
            except OSError:
                break
            if not got:
                break
            self.text += got
        os.close(self.fd)
        return status, self.text, self.process.stderr.read()


def grow(path, data, mode="ab"):
    with open(path, mode) as out:
        out.write(data)


h.title("a run that has ended")
done = h.native([h.PROCTOR, "tail", "-n", "100", run.log_path])
told = done.out.decode().splitlines()
h.equal("it ends", done.status, 0)
h.check("first which run it is", told[0].startswith("proctor: run ") and "solve.py" in told[0], told[0])
paths = [t for t in told if " denied openat(" in t]
h.equal("a line for each distinct refusal, in the words of --live", len(paths), 13)
live = h.proctor([h.PYTHON, "solve.py"], "--live", "2", cwd=box).err.decode().splitlines()
h.check("the very ones", [t.split(" (proctor explain")[0] for t in paths] ==
        [t.split(" (proctor explain")[0] for t in live if " denied openat(" in t], paths, live)
h.check("what happened again is told at the end", any("happened 6 times" in t for t in told), told)
h.check("the signal", any("the signal SIGSEGV ends it" in t and "solve.py:8" in t for t in told), told)
h.check("the end, with what it used and why", told[-1].startswith("proctor: SG, ended by a signal, SIGSEGV, cpu ") and
        "18 violations: " in told[-1], told[-1])
h.check("what controls a terminal is written out", b"\x1b" not in done.out and "\\x1b[31mred\\u{202e}" in done.out.decode())
short = h.native([h.PROCTOR, "tail", "-n2", run.log_path]).out.decode().splitlines()
h.check("-n 2: the last two of them, and the end", short[0] == "proctor: 13 earlier lines are not shown" and short[1:] == told[-len(short) + 1:], short)
h.equal("-n 0: none", h.native([h.PROCTOR, "tail", "-n", "0", run.log_path]).out.decode().splitlines()[1:], told[15:])
piped = h.native([h.PROCTOR, "tail", "-"], stdin=whole)
h.check("standard input: all of it, for a pipe has no past", piped.status == 0 and b"proctor explain" not in piped.out and
        len(piped.out.splitlines()) == len(told), piped.out)

h.title("a log that grows")
path = h.put(box, "grows.jsonl", lines[0] + lines[1][:20])
tail = Tail(path)
h.check("its start", tail.until(b"solve.py, since"), tail.text)
first = next(i for i, t in enumerate(lines) if b'"violation":true' in t)
grow(path, lines[1][20:] + b"".join(lines[2:first]) + lines[first][:-5])
second = next(i for i in range(first + 1, len(lines)) if b'"violation":true' in lines[i])
grow(path, lines[first][-5:])
h.check("a refusal, when its line is whole", tail.until(b"/nowhere/0") and b"/nowhere/1" not in tail.text, tail.text)
grow(path, b"".join(lines[first + 1 : second + 1]))
h.check("the next", tail.until(b"/nowhere/1"), tail.text)
h.check("it goes on", tail.process.poll() is None)
grow(path, b"".join(lines[second + 1 :]))
status, text, err = tail.end()
h.check("and ends with the run", status == 0 and text.decode().splitlines()[-1].split(", cpu")[0] == "proctor: SG, ended by a signal, SIGSEGV"
        and not err, status, text, err)
slow = h.put(box, "slow.py", "import time\ntry: open('/nowhere/a')\nexcept OSError: pass\ninput()\n")
log = os.path.join(box, "slow.jsonl")
program = subprocess.Popen([h.PROCTOR, "run", "-q", "-o", log, slow], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=h.clean_env())
while not os.path.exists(log):
    time.sleep(0.01)
tail = Tail(log)
h.check("of a real run, while it waits", tail.until(b"/nowhere/a") and program.poll() is None, tail.text)
program.communicate(b"\n")
status, text, err = tail.end()
h.check("until it has ended", status == 0 and b"proctor: OK, ended normally" in text, status, text, err)

h.title("on a terminal")
path = h.put(box, "terminal.jsonl", b"".join(lines[: first + 1]))
tail = Tail(path, terminal=True)
h.check("a line tells how far it is", tail.until(b"calls recorded, 1 refused"), tail.text)
grow(path, b"".join(lines[first + 1 :]))
status, text, err = tail.end()
last = text.decode().replace("\r\n", "\n").splitlines()[-1]
h.check("and is gone at the end", status == 0 and last.split("\r\x1b[K")[-1].startswith("proctor: SG"), text[-300:])

h.title("a log that somebody changes")
path = h.put(box, "moves.jsonl", b"".join(lines[: first + 1]))
tail = Tail(path)
tail.until(b"/nowhere/0")
other = h.put(box, "other.jsonl", b"".join(lines[: second + 1]))
os.rename(other, path)
h.check("another one takes its name", tail.until(b"is another file now") and tail.until(b"/nowhere/1"), tail.text)
grow(path, lines[0], "wb")
h.check("it is cut", tail.until(b"was cut: from its beginning again"), tail.text)
os.unlink(path)
h.check("it is removed", tail.until(b"was removed"), tail.text)
h.put(box, "moves.jsonl", whole)
status, text, err = tail.end()
h.check("and there again, whole", status == 0 and text.count(b"is another file now") == 2, status, text, err)

h.title("what is no log")
bad = b"x" * 100 + b"\n" + b"{" * (17 << 20) + b"\n" + b"\xff\xfe\x00\n" + b'{"v":1,"kind":"call"}\n{"kind":7}\n[]\n'
path = h.put(box, "bad.jsonl", lines[0] + bad)
tail = Tail(path)
tail.until(b"since")
grow(path, b"".join(lines[1:]))
status, text, err = tail.end()
h.check("lines that are no record are passed over, and counted at the end", status == 1 and b"proctor: SG" in text and
        b"lines that are no records" in err, status, text, err)
spoiled = {"v": 1, "kind": "end", "status": "\x1b[2J" * 500, "cpu_ns": -1, "exit": [], "cause": {"text": {"staff": "\n\x1b]0;x\x07" * 400}}}
path = h.put(box, "spoiled.jsonl", json.dumps({"v": 1, "kind": "start", "run": {"id": 7}, "process": {"args": ["\r", 5] * 2000}, "@timestamp": "\x1b"})
             + "\n" + json.dumps({"v": 1, "kind": "lost", "count": 1 << 62}) + "\n" + json.dumps(spoiled) + "\n")
done = h.native([h.PROCTOR, "tail", path])
h.check("hostile texts are written out, and short", done.status == 1 and not set(done.out) & set(range(32)) - {10} and
        all(len(t) < 12000 for t in done.out.splitlines()) and len(done.out.splitlines()) == 3, done)
h.equal("a file of something else", h.native([h.PROCTOR, "tail", box + "/solve.py"]).status, 65)
h.equal("none", h.native([h.PROCTOR, "tail", box + "/absent"]).status, 66)
h.equal("a directory without a batch", h.native([h.PROCTOR, "tail", box]).status, 66)
for wrong in (), (run.log_path, run.log_path), ("-n", "x", run.log_path), ("-n", "-1", run.log_path), ("-n", "10001", run.log_path), ("-z", run.log_path):
    h.equal("misuse: " + " ".join(wrong)[-20:], h.native([h.PROCTOR, "tail", *wrong]).status, 64)
h.equal("it cannot be written", h.native(["sh", "-c", 'exec "$0" tail "$1" > /dev/full', h.PROCTOR, run.log_path]).status, 74)

h.title("a batch")
out = os.path.join(box, "out")
jobs = h.put(box, "jobs.jsonl", "".join(json.dumps({"id": name, "argv": [h.PYTHON, "-c", code]}) + "\n" for name, code in (
    ("one", "print(1)"), ("two", "open('/nowhere/b')"), ("three", "raise ValueError"))))
subprocess.run([h.PROCTOR, "batch", "-q", "-o", out, jobs], env=h.clean_env(), check=True)
done = h.native([h.PROCTOR, "tail", out])
told = done.out.decode().splitlines()
h.check("that has ended: a line for each run, and the sum", done.status == 0 and sorted(t.split(":")[0] for t in told[:-1]) ==
        ["OK one", "RE three", "RE two"] and told[-1] == "proctor: 3 runs done: 1 OK, 2 RE" or
        told[-1] == "proctor: 3 runs done: 2 RE, 1 OK", told)
h.check("why, where it did not end well", any(t.startswith("RE two: ") and "/nowhere/b" in t for t in told), told)
results = open(os.path.join(out, "results.jsonl"), "rb").read().splitlines(True)
summary = open(os.path.join(out, "summary.json"), "rb").read()
os.unlink(os.path.join(out, "summary.json"))
h.put(out, "results.jsonl", results[0] + results[1][:30])
tail = Tail(out)
name = json.loads(results[1])["id"].encode()
h.check("under way: what is done", tail.until(json.loads(results[0])["id"].encode() + b": cpu") and name + b": cpu" not in tail.text, tail.text)
h.put(out, "results.jsonl", results[0] + b"{}\nnonsense\n" + json.dumps({"id": "\x1b[2J", "verdict": "\x07"}).encode() + b"\n" + b"".join(results[1:2]))
h.check("what a killed one left half written is cut off, and nothing told twice", tail.until(name + b": cpu") and
        tail.text.count(b": cpu") == 3 and b"\x1b" not in tail.text, tail.text)
grow(os.path.join(out, "results.jsonl"), results[2])
tail.until(json.loads(results[2])["id"].encode() + b": cpu")
h.check("it goes on without a summary", tail.process.poll() is None)
h.put(out, "summary.json", json.dumps({"runs": 4}))
status, text, err = tail.end()
h.check("and ends with one", status == 0 and b"proctor: 4 runs done" in text, status, text, err)

h.finish()
