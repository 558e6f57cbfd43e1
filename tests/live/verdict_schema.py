#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Verdicts of every status are as doc/verdict.schema.json says, and what is not is found."""
import datetime
import hashlib
import os
import signal

import schema
from harness import PYTHON, check, ended, equal, finish, place, proctor, put, skip, start, title, wait_for



def ns(text):
    """Nanoseconds of a time as records have it."""
    whole, _, rest = text.rstrip("Z").partition(".")
    return int(datetime.datetime.fromisoformat(whole + "+00:00").timestamp()) * 10**9 + int(rest)


here = place()
shape = schema.load("verdict.schema.json")
strict = put(here, "strict.yaml", "version: 1\nextends: builtin:python\non_deny: kill\n")
drop = put(here, "drop.yaml", "version: 1\nextends: builtin:pure\nlog: {max: 100KiB, on_full: drop}\n")
# Name, program, status, and options. No limit but the one that is meant may be met, however slow the machine is.
ROOM = ("--cpu", "60s", "--wall", "300s")
RUNS = [
    ("the end", "print(1)", "OK", ROOM),
    ("a status", "import sys; sys.exit(3)", "RE", ROOM),
    ("an exception", "def f(x): return 1 / x\nf(0)", "RE", ROOM),
    ("a refusal, survived", "try: open('/etc/passwd')\nexcept OSError: pass", "OK", ROOM),
    ("a refusal, not survived", "open('/etc/passwd')", "RE", ROOM),
    ("a file with a strange name", "open('/etc/\\udcff\\x1b\\n')", "RE", ROOM),
    ("a signal", "import os; os.kill(os.getpid(), 11)", "SG", ROOM),
    ("CPU time", "while True: pass", "TO", ("--cpu", "200ms", "--wall", "300s")),
    ("elapsed time", "import time; time.sleep(999)", "TO", ("--cpu", "60s", "--wall", "1s")),
    ("memory", "x = bytearray(1 << 30)", "ML", (*ROOM, "--memory", "64MiB")),
    ("output", "while True: print('x' * 1000)", "OL", (*ROOM, "--output", "10KiB")),
    ("tasks", "import threading, time\nfor i in range(9): threading.Thread(target=time.sleep, args=(99,)).start()", "PV", (*ROOM, "--tasks", "3")),
    ("the policy", "open('/etc/passwd')", "PV", (*ROOM, "-p", strict)),
    ("an audit", "open('/etc/passwd')", "OK", (*ROOM, "--mode", "audit")),
    ("a name and labels", "", "OK", (*ROOM, "--id", "s\u00e4-1", "--label", "a=b", "--label", "c=")),
    ("a full log", "for i in range(1000):\n    try: open('/etc/passwd')\n    except OSError: pass", "OK", (*ROOM, "-p", drop)),
]  # fmt: skip

title("every status")
verdicts = {}
for name, code, status, options in RUNS:
    run = proctor([PYTHON, "-c", code], "-q", *options, timeout=600)
    verdicts[name] = run.verdict
    equal(f"{name}: {status}", run.verdict.get("status"), status)
    equal(f"{name}: as the schema says", schema.offences(run.verdict, shape), [])
run = proctor([PYTHON, "-c", ""], "-q", log=False)
equal("without a log", (run.verdict["log"], schema.offences(run.verdict, shape)), (None, []))
run = proctor([PYTHON, "-c", ""], "-q", "--id", "\udcff")
equal("a name that is not UTF-8", (run.verdict["run"]["submission_b64"], schema.offences(run.verdict, shape)), ("/w==", []))
child = start([PYTHON, "-c", "while True: pass"], "-q", *ROOM)
wait_for(lambda: os.path.exists(child.log_path) and os.path.getsize(child.log_path), 60)
child.send_signal(signal.SIGTERM)
run = ended(child, 120)
equal("interrupted", (run.verdict.get("interrupted"), schema.offences(run.verdict, shape)), ("SIGTERM", []))
equal("what the log lacks is told", verdicts["a full log"]["log"]["complete"], False)

title("facts")
script = put(here, "facts.py", "import sys, threading\nsys.stdin.read(4)\nlater = threading.Event()\n"
             "for _ in range(2): threading.Thread(target=later.wait).start()\nlater.set()\nprint('four')\nprint('five.', file=sys.stderr)")  # fmt: skip
limits = ("--cpu", "50s", "--wall", "200s", "--memory", "2GiB", "--output", "1KiB", "--tasks", "9", "--files", "99")
with open(put(here, "input", "1234567"), "rb") as file:
    file.read(1)
    os.lseek(file.fileno(), 1, os.SEEK_SET)
    run = proctor([PYTHON, script], *limits, stdin=file)
v = run.verdict
equal("limits are those that were set", v["limits"], {"cpu_ns": 50 * 10**9, "wall_ns": 200 * 10**9, "memory_bytes": 2 << 30, "output_bytes": 1024, "tasks": 9, "files": 99})
equal("user and system are all of it", v["user_ns"] + v["system_ns"], v["cpu_ns"])
check("and neither is none of it", v["user_ns"] > 0, v)
equal("threads at one time", v["tasks_peak"], 3)
equal("bytes in, from where it began, and out", (v["stdin_bytes"], v["output_bytes"]), (6, 11))
with open(script, "rb") as file:
    equal("the script", v["script"], {"path": script, "directory": here, "sha256": hashlib.sha256(file.read()).hexdigest()})
first, end = run.records[0], run.last("end")
equal("the rest is the start record's", (v["host"], v["proctor"]), (first["host"], first["proctor"]))
equal("interpreter too", v["interpreter"], {name: first["process"][name] for name in ("executable", "python")})
equal("and policy", v["policy"], {name: first["policy"][name] for name in ("name", "file", "hash", "source_hash")})
check("it started when the log says", abs(ns(v["started"]) - ns(first["@timestamp"])) < 10**9, (v["started"], first["@timestamp"]))
used = "cpu_ns", "user_ns", "system_ns", "wall_ns", "memory_bytes", "tasks_peak", "stdin_bytes", "output_bytes"
equal("the end record says the same of what was used", {n: end[n] for n in used}, {n: v[n] for n in used})
equal("as the schema says", schema.offences(v, shape), [])
v = proctor([PYTHON, "-c", "import sys; sys.stdin.read()"], "-q", *ROOM, stdin=b"123", log=False).verdict
equal("of a pipe, and without a limit, it is not known", (v["stdin_bytes"], v["output_bytes"], "script" in v), (None, None, False))
check("facts need no log", v["policy"]["name"] == "pure" and v["host"]["walls"], v)
v = proctor([PYTHON, "-c", "import os\nif os.fork() == 0: os._exit(0)\nos.wait()"], "-q", *ROOM, "--process", "fork").verdict
equal("nor whose time it was, of several processes", (v["status"], v["user_ns"], v["system_ns"]), ("OK", None, None))
v = proctor(["/bin/true"], "-q", *ROOM).verdict
equal("another program is no Python", (v["interpreter"]["python"], schema.offences(v, shape)), (None, []))

title("what is not is found")
good = verdicts["a refusal, not survived"]
wrong = {
    "another schema": {"schema": "proctor.verdict/2"},
    "a status that is none": {"status": "AC"},
    "a count below 0": {"violations": -1},
    "a number as text": {"cpu_ns": "1"},
    "true as a number": {"violations": True},
    "a number as true": {"cause": {**good["cause"], "certain": 1}},
    "a member that is not known": {"more": 1},
    "half a limit": {"limit": {"name": "cpu"}},
    "a run without a name": {"run": {"submission": None, "labels": {}}},
    "a label that is no text": {"run": {**good["run"], "labels": {"a": 1}}},
    "a status beyond 255": {"exit": {"code": 256, "signal": None}},
}
for name, change in wrong.items():
    check(name, schema.offences({**good, **change}, shape), change)
for name in shape["required"]:
    check(f"no {name}", schema.offences({k: v for k, v in good.items() if k != name}, shape))

title("the schema itself")
try:
    import jsonschema
except ImportError:
    skip("a reader of schemas comes to the same", "python3-jsonschema is not installed")
else:
    reader = jsonschema.Draft202012Validator
    for name in "verdict.schema.json", "result.schema.json":
        reader.check_schema(schema.load(name))
    reader = reader(shape)
    equal("a reader of schemas comes to the same", [n for n, v in verdicts.items() if list(reader.iter_errors(v))], [])
    equal("of what is wrong too", [n for n, change in wrong.items() if not list(reader.iter_errors({**good, **change}))], [])
finish()
