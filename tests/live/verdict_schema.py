#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Verdicts of every status are as doc/verdict.schema.json says, and what is not is found."""
import os
import signal

import schema
from harness import PYTHON, check, ended, equal, finish, place, proctor, put, skip, start, title, wait_for

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
