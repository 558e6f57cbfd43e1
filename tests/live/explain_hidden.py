#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A log tells lines of source that the program could have read itself, and explain opens no file for it.

A program chooses the names in its stacks: compile() takes any. A log can be forged.
"""

import base64
import json
import os

import harness as h

SCRIPT = """import os, sys
NAMES = sys.argv[1:]
for name in NAMES:
    for line in (1, 2, 3):
        code = compile("\\n" * (line - 1) + "try: open('/etc/shadow%d')\\nexcept OSError: pass" % line, name, "exec")
        exec(code, {"open": open, "OSError": OSError})
import latin
try:
    open("/etc/shadow-of-the-script")  # é
except OSError:
    pass
"""
SECRET = "TheSecretLine"
LATIN = """# -*- coding: latin-1 -*-
try: open('/etc/shadow-é')
except OSError: pass
try: open('/etc/shadow-of-a-long-line')  # %s
except OSError: pass
""" % ("x" * 200)
POLICY = """version: 1
name: hidden
extends: builtin:python
on_deny: errno:EACCES
read:
  - "%{{submission}}"
  - "{base}/granted"
hide:
  - "%{{submission}}/secret.txt"
never:
  - "%{{submission}}/never.txt"
"""
FORMS = ([], ["--all"], ["--json", "--all"], ["--audience", "student"], ["--json", "--audience", "student"])


def explained(log, *options):
    return h.native([h.PROCTOR, "explain", *options, log])


def populate():
    base = h.place()
    os.chmod(base, 0o755)
    box = os.path.join(base, "box")
    for name in ("box/secret.txt", "box/never.txt", "ungranted.txt", "granted/data.txt", "box/root-only.txt"):
        path = h.put(base, name, "\n".join(f"{SECRET} {n} of {name}" for n in (1, 2, 3)))
        os.utime(path, (1000000000, 1000000000))
    os.chmod(os.path.join(box, "root-only.txt"), 0)
    h.put(box, "solve.py", SCRIPT)
    h.put(box, "latin.py", LATIN.encode("latin-1"))
    h.put(base, "policy.yaml", POLICY.format(base=base))
    os.symlink("secret.txt", os.path.join(box, "link.txt"))
    os.symlink("../granted/data.txt", os.path.join(box, "out.txt"))
    os.mkfifo(os.path.join(box, "fifo.txt"))
    os.chmod(os.path.join(box, "fifo.txt"), 0o644)
    return base, box


h.title("what a program names, and may not read or show")
base, box = populate()
names = [f"{box}/{n}" for n in ("secret.txt", "never.txt", "link.txt", "out.txt", "fifo.txt", "absent.txt")]
names += [f"{base}/ungranted.txt", f"{base}/granted/data.txt", f"{box}/../ungranted.txt", "secret.txt", "/dev/stdin", "/"]
options = []
if os.getuid() == 0:
    options = ["--user", "nobody"]
names.append(f"{box}/root-only.txt")
run = h.proctor(
    [h.PYTHON, os.path.join(box, "solve.py"), *names], "-p", f"{base}/policy.yaml", *options, cwd=box, directory=base,
    verdict=False,
)
h.check("the run ends, with a refusal at each line", len(run.refused()) >= 3 * len(names), run)
h.check("its log holds none of the lines", SECRET not in open(run.log_path).read())
h.check("the program's own line is in it", any(
    r.get("code", {}).get("source") == '    open("/etc/shadow-of-the-script")  # é' for r in run.refused()
), run.refused()[-1])
script_digest = run.last("start")["script"].get("sha256")
h.check("with the digest of the script", run.refused()[-1]["code"].get("source_sha256") == script_digest)
latin = {r["code"]["line.number"]: r["code"] for r in run.refused() if r["code"]["file.path"].endswith("/latin.py")}
h.check("bytes that are no text are exact in base64",
        base64.b64decode(latin.get(2, {}).get("source_b64", "")) == "try: open('/etc/shadow-é')".encode("latin-1"), latin)
h.check("a long line is cut, and that is said",
        len(latin.get(4, {}).get("source", "")) == 200 and latin[4].get("source_cut") is True, latin)
for form in FORMS:
    told = explained(run.log_path, *form)
    h.check(f"explain {' '.join(form)} tells none of them", told.status == 0 and SECRET.encode() not in told.out, told)

h.title("a log explains itself")
before = explained(run.log_path, "--all").out
for name in os.listdir(box):
    os.unlink(os.path.join(box, name))
h.check("the line is shown when the script is gone", b"open(\"/etc/shadow-of-the-script\")" in before and
        explained(run.log_path, "--all").out == before, before)

h.title("nothing is opened, looked at or waited for because a log names it")
forged_box = os.path.join(base, "forged")
os.utime(h.put(forged_box, "module.py", f"{SECRET}\n" * 3), (1000000000, 1000000000))
os.mkfifo(os.path.join(forged_box, "fifo"))
os.mkdir(os.path.join(forged_box, "directory"))


def forged(name, **more):
    path = os.path.join(forged_box, name)
    start = {
        "v": 1, "kind": "start", "@timestamp": "2036-01-05T10:11:12Z", "run": {"id": "forged"},
        "script": {"path": path, "directory": forged_box, "sha256": "00"},
        "process": {"pid": 4, "args": [path], "executable": path, "working_directory": forged_box},
    }
    call = {
        "v": 1, "kind": "call", "event": {"sequence": 1, "action": "openat"}, "process": {"pid": 4, "thread": {"id": 4}},
        "syscall": {"args": ["AT_FDCWD", json.dumps(path), "O_RDONLY"], "errno": "EACCES"}, "file": {"path": path},
        "decision": {"action": "deny", "violation": True}, "rule": {"id": "on_deny", "ref": path, "nearest_path": path},
        "code": {"file.path": path, "line.number": 2, "function.name": "f"},
        "stack": {"python": [{"file": path, "line": 2, "function": "f"}]},
    }
    end = {"v": 1, "kind": "end", "status": "RE", "exit": {"code": 1, "signal": None}, "code": call["code"]}
    lines = "".join(json.dumps(r) + "\n" for r in (start, call, end))
    return h.put(base, f"log-of-{name}.jsonl", lines)


def looked_at(log, *options):
    """The paths that explain names to the kernel, by a run of its own in which nothing is refused."""
    environment = ["--env", "ASAN_OPTIONS=detect_leaks=0"] if h.sanitized() else []
    run = h.proctor(
        [h.PROCTOR, *options, log], "--mode", "audit", "-q", "--calls", "brokered", *environment, cwd=base, directory=base
    )
    paths = {r["file"]["path"] for r in run.records if r["kind"] == "call" and "file" in r}
    return run, paths


for name in ("module.py", "fifo", "directory", "absent"):
    log = forged(name)
    for form in [["explain", *f] for f in FORMS] + [["summary"]]:
        run, paths = looked_at(log, *form)
        named = sorted(p for p in paths if p.startswith(forged_box))
        h.check(
            f"{' '.join(form)} of a log that names {name}",
            run.status == 0 and log in paths and not named and SECRET.encode() not in run.out, run, named,
        )

h.finish()
