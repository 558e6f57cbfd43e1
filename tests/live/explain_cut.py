#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Nobody is told that nothing was refused by a log that lacks something: a run whose supervisor was
killed, a log whose disk filled up, one that was cut, one that was full."""

import json
import os
import signal

import harness as h

REFUSED = "import os\nfor i in range(%d):\n    try: open('/etc/shadow')\n    except OSError: pass\n"
AUDIENCES = (["--audience", "staff"], ["--audience", "student"])


def tell(what, log, refused=False):
    """Everybody is told that the log at LOG is incomplete."""
    for audience in AUDIENCES:
        run = h.native([h.PROCTOR, "explain", *audience, log])
        text = run.out.decode().lower()
        h.check(
            f"{what}: {audience[-1]} is told, status 1",
            run.status == 1
            and ("missing" in text or "the log " in text)
            and ("nothing was refused" not in text or "nothing was refused in the part that is there" in text)
            # A student is not told of what the program went on from.
            and (not refused or "/etc/shadow" in text or "not allowed" in text or "ran to its end" in text),
            run,
        )
        run = h.native([h.PROCTOR, "explain", "--json", *audience, log])
        h.check(
            f"{what}: {audience[-1]}'s JSON says so, status 1",
            run.status == 1 and json.loads(run.out)["log"]["complete"] is False,
            run,
        )
    run = h.native([h.PROCTOR, "summary", log])
    h.check(f"{what}: summary says so, status 1", run.status == 1 and b"the log " in run.out, run)
    run = h.native([h.PROCTOR, "summary", "--json", log])
    h.check(
        f"{what}: its JSON too", run.status == 1 and json.loads(run.out)["log"]["complete"] is False, run
    )
    run = h.native([h.PROCTOR, "policy", "test", "builtin:pure", log])
    h.check(f"{what}: policy test does not say that nothing changes", run.status == 1, run)


h.title("logs that lack something")
box = h.place()
quiet = h.proctor([h.PYTHON, "-c", "print(1)"], cwd=box)
whole = open(quiet.log_path, "rb").read()
for audience in AUDIENCES:
    run = h.native([h.PROCTOR, "explain", *audience, quiet.log_path])
    h.check(
        f"a whole log: {audience[-1]} is told that nothing was refused, status 0",
        run.status == 0 and b"othing was refused" in run.out and b"part" not in run.out, run,
    )
h.equal("its summary ends with 0", h.native([h.PROCTOR, "summary", quiet.log_path]).status, 0)
lines = whole.splitlines(True)
tell("an empty log", h.put(box, "empty.jsonl", b""))
tell("a log cut in its start record", h.put(box, "start.jsonl", whole[:100]))
tell("a log cut behind it", h.put(box, "behind.jsonl", lines[0]))
tell("a log cut in a line", h.put(box, "line.jsonl", whole[: len(whole) - len(lines[-1]) - 5]))
tell("a log without its end", h.put(box, "no-end.jsonl", b"".join(lines[:-1])))
tell("a log that lacks a line", h.put(box, "gap.jsonl", b"".join(lines[:2] + lines[3:])))
last = max(i for i, line in enumerate(lines) if json.loads(line)["kind"] == "call")
tell("a log that lacks its last call", h.put(box, "last.jsonl", b"".join(lines[:last] + lines[last + 1:])))

h.title("runs that did not end")
child = h.start([h.PYTHON, "-c", "print(1, flush=True)\nwhile True: pass"], cwd=box, stdout=-1)
child.stdout.readline()
os.kill(child.pid, signal.SIGKILL)
h.ended(child)
tell("the supervisor was killed", child.log_path)


run = h.proctor([h.PYTHON, "-c", REFUSED % 6000], cwd=box, preexec_fn=h.small_disk)
h.equal("a disk that fills up ends the run: 74", run.status, 74)
tell("its log", run.log_path, refused=True)

h.title("logs that are full")
policy = h.put(box, "drop.yaml", "version: 1\nextends: builtin:pure\nlog: {max: 100KiB, on_full: drop}\n")
run = h.proctor([h.PYTHON, "-c", REFUSED % 1000], "-p", policy, cwd=box)
h.check("on_full: drop: the log says what it lost", run.last("lost") is not None, run)
tell("a full log", run.log_path, refused=True)
policy = h.put(box, "kill.yaml", "version: 1\nextends: builtin:pure\nlog: {max: 100KiB, on_full: kill}\n")
run = h.proctor([h.PYTHON, "-c", "import os\nwhile True: os.path.exists('/usr')"], "-p", policy, cwd=box)
for audience, words in zip(AUDIENCES, (b"the log has reached its cap", b"made more calls than can be recorded")):
    told = h.native([h.PROCTOR, "explain", *audience, run.log_path])
    h.check(
        f"on_full: kill: {audience[-1]} is told what ended it",
        told.status == 0 and words in told.out and b"othing was refused" not in told.out, told,
    )

h.finish()
