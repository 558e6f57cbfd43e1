#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""explain and summary read a long log as a stream: in memory that does not grow with it.

LARGE_MIB says how long the log is (default 64; 1024 takes minutes).
"""
import json
import os
import pty
import subprocess
import sys
import tempfile

PROCTOR = os.environ.get("PROCTOR", "./proctor")
MIB = int(os.environ.get("LARGE_MIB", "64"))
# An empty proctor takes about 8 MiB; what it keeps is bounded. A sanitizer's shadow counts too.
MAX_RESIDENT_MIB = 64
sanitized = b"__asan_init" in open(PROCTOR, "rb").read()


def compact(record):
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def call(sequence, action):
    record = {
        "v": 1, "kind": "call", "@timestamp": "2026-01-05T10:11:12.345678901Z",
        "event": {"sequence": sequence, "action": "openat", "type": ["allowed"], "outcome": "success", "duration": 21000},
        "run": {"id": "large"}, "process": {"pid": 4, "thread": {"id": 4}},
        "syscall": {"nr": 257, "arch": "x86_64", "args": ["AT_FDCWD", '"data.txt"', "O_RDONLY|O_CLOEXEC"], "ret": 3},
        "file": {"path": "/box/data.txt"},
        "decision": {"action": action, "how": "rewrite", "enforced": True, "violation": action != "allow"},
        "rule": {"id": "read", "ref": "pure.yaml:8:5"},
    }
    if action == "deny":
        # Ever new paths, and a stack: the worst there is to be kept.
        record["file"]["path"] = f"/srv/{sequence}"
        record["rule"] = {"id": "on_deny", "ref": "pure.yaml:5:1"}
        record["code"] = {"file.path": "/box/solve.py", "line.number": 12, "function.name": "load"}
        record["stack"] = {"python": [{"file": "/box/solve.py", "line": i, "function": "f" * 40} for i in range(200)]}
    return record


def write_log(path):
    start = {"v": 1, "kind": "start", "run": {"id": "large"}, "settings": {"calls": "brokered"}}
    refusals = calls = 0
    with open(path, "wb") as log:
        size = log.write(compact(start))
        while size < MIB << 20:
            calls += 1
            refused = calls % 400 == 0
            refusals += refused
            size += log.write(compact(call(calls, "deny" if refused else "allow")))
        log.write(b'{"v":1,"kind":"call","x":"' + b"a" * (17 << 20) + b'"}\n')
        log.write(compact({"v": 1, "kind": "end", "status": "OK", "exit": {"code": 0, "signal": None}}))
    return calls, refusals


def run(*args):
    """Standard output and the most memory it had, in MiB. The log has a line too much: it is not whole."""
    read, write = os.pipe()
    pid = os.posix_spawn(PROCTOR, [PROCTOR, *args], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, write, 1)])
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        out = pipe.read()
    _, status, usage = os.wait4(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 1, f"{args}: {status}"
    return out, usage.ru_maxrss // 1024


def check(what, fact):
    print(("ok   " if fact else "FAIL ") + what, flush=True)
    if not fact:
        sys.exit(1)


def progress(path):
    """What explain writes on a terminal while it reads."""
    master, slave = pty.openpty()
    child = subprocess.Popen([PROCTOR, "explain", path], stdout=subprocess.DEVNULL, stderr=slave)
    os.close(slave)
    seen = b""
    try:
        while chunk := os.read(master, 4096):
            seen += chunk
    except OSError:
        pass
    child.wait()
    return seen


with tempfile.TemporaryDirectory() as directory:
    path = os.path.join(directory, "large.jsonl")
    calls, refusals = write_log(path)
    print(f"a log of {os.path.getsize(path) >> 20} MiB, {calls} calls, {refusals} refusals")

    out, resident = run("explain", path)
    check("explain counts every refusal", f"; {refusals:,} refusals".encode() in out)
    check("explain tells of the line that is too long", b"1 line that is no record" in out)
    check(f"explain stays within {MAX_RESIDENT_MIB} MiB ({resident} MiB)", sanitized or resident <= MAX_RESIDENT_MIB)

    out, resident = run("explain", path, "400")
    check("one record of it is explained", b"#400 DENIED" in out)
    check(f"in {resident} MiB", sanitized or resident <= MAX_RESIDENT_MIB)

    out, resident = run("summary", "--json", path)
    rows = json.loads(out)["syscalls"]
    check("summary counts every call", sum(row["calls"] for row in rows) == calls)
    check(f"summary stays within {MAX_RESIDENT_MIB} MiB ({resident} MiB)", sanitized or resident <= MAX_RESIDENT_MIB)

    try:
        seen = progress(path)
    except OSError as error:
        print(f"skip a progress bar on a terminal: no pseudo-terminal can be made ({error})")
    else:
        check("a progress bar is drawn on a terminal and taken away", b"reading [" in seen and seen.rstrip().endswith(b"\x1b[K"))
