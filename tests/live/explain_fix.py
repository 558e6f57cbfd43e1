#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every change to the policy that explain proposes does what it says: applied, the call is
allowed, and no other decision is changed."""
import json
import os
import re
import subprocess
import sys
import tempfile

PROCTOR = os.environ.get("PROCTOR", "./proctor")

SCRIPT = r'''
import os, sys, threading
root = sys.argv[1]

def attempt(f, *args):
    try:
        f(*args)
    except (OSError, RuntimeError):
        pass

def read(path):
    open(path).read()

for name in ("plain", "with space", "per%cent", "sta*r", "quo\"te", "hidden/file", "exactly-hidden"):
    attempt(read, os.path.join(root, name))
attempt(os.stat, os.path.join(root, "looked-at"))
attempt(os.stat, os.path.join(root, "directory"))
attempt(os.listdir, os.path.join(root, "listed"))
attempt(read, os.path.join(root, "listed", "in-it"))
attempt(read, "link")
attempt(read, "../outside/dots")
attempt(read, os.path.join(root, "never"))
attempt(read, "/proc/cpuinfo")
attempt(read, "/proc/1/environ")
attempt(read, os.path.join(root, "absent"))
'''

POLICY = """version: 1
name: fix
extends: builtin:python
on_deny: errno:EACCES
read:
  - "%{{submission}}"
hide:
  - "{root}/hidden/**"
  - "{root}/exactly-hidden"
never:
  - "{root}/never"
log: {{calls: brokered}}
"""


def check(what, fact, detail=""):
    print(("ok   " if fact else "FAIL ") + what, flush=True)
    if not fact:
        print(detail)
        sys.exit(1)


def run(box, policy, log, *args):
    subprocess.run([PROCTOR, "run", "-q", "-p", policy, "-o", log, "--", os.path.join(box, "solve.py"), *args], cwd=box,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    with open(log, "rb") as f:
        records = [json.loads(line) for line in f]
    check(f"{os.path.basename(log)} is whole", records[-1]["kind"] == "end", records[-1])
    return records


def decisions(records, root):
    """(call, path, line of code) to what was decided of it, for paths the script asked for."""
    found = {}
    for record in records:
        path = record.get("file", {}).get("path", "")
        if record["kind"] == "call" and (path.startswith(root) or path.startswith("/proc/")):
            found.setdefault((record["event"]["action"], path), record["decision"]["action"])
    return found


def explain(log):
    out = subprocess.run([PROCTOR, "explain", "--all", "--json", log], stdout=subprocess.PIPE, check=True).stdout
    return json.loads(out)["refusals"]


def apply(policy, line):
    """The proposed line as one more rule of its list."""
    key, _, value = line.partition(": ")
    assert re.search(rf"^{key}:\n", policy, re.M), line
    return re.sub(rf"^({key}:\n)", lambda match: match.group(1) + f"  - {value}\n", policy, count=1, flags=re.M)


def populate(base):
    root, box = os.path.join(base, "outside"), os.path.join(base, "box")
    for directory in (root, box, f"{root}/hidden", f"{root}/directory", f"{root}/listed"):
        os.mkdir(directory)
    for name in ("plain", "with space", "per%cent", "sta*r", "quo\"te", "hidden/file", "exactly-hidden", "looked-at",
                 "listed/in-it", "linked", "dots", "never", "directory/below"):
        with open(os.path.join(root, name), "w") as f:
            f.write(name)
    os.symlink(os.path.join(root, "linked"), os.path.join(box, "link"))
    with open(os.path.join(box, "solve.py"), "w") as f:
        f.write(SCRIPT)
    return root, box


with tempfile.TemporaryDirectory() as base:
    base = os.path.realpath(base)
    root, box = populate(base)
    policy_text = POLICY.format(root=root)
    policy = os.path.join(base, "policy.yaml")
    with open(policy, "w") as f:
        f.write(policy_text)
    before = decisions(run(box, policy, os.path.join(base, "before.jsonl"), root), root)
    proposals = offered = 0
    for refusal in explain(os.path.join(base, "before.jsonl")):
        path = refusal.get("file", {}).get("path", "")
        line = refusal["fix"].get("policy")
        if not path.startswith(root) and path != "/proc/cpuinfo":
            continue
        offered += 1
        if path.endswith(("/never", "/exactly-hidden")):
            check(f"nothing is proposed for {os.path.basename(path)}", not line and refusal["fix"]["note"], refusal["fix"])
            continue
        check(f"something is proposed for {path[len(base):]}", line, refusal["fix"])
        proposals += 1
        changed = os.path.join(base, f"policy{proposals}.yaml")
        with open(changed, "w") as f:
            f.write(apply(policy_text, line))
        after = decisions(run(box, changed, os.path.join(base, f"after{proposals}.jsonl"), root), root)
        name = refusal["call"].split("(")[0]
        check(f"  {line.replace(base, '')} allows it", after.get((name, path)) == "allow", after)
        others = {k: v for k, v in before.items() if k[1] != path}
        check("  and changes nothing else", all(after.get(k) == v for k, v in others.items()),
              {k: (v, after.get(k)) for k, v in others.items() if after.get(k) != v})
    check(f"{proposals} proposals were tried", proposals >= 10 and offered >= 12)
