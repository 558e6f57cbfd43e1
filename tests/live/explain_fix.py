#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every change to the policy that explain proposes does what it says: applied, the call is
allowed, and no other decision is changed."""
import json
import os
import re

from harness import PROCTOR, check, explained, finish, native, place, proctor, put

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


def run(box, policy, *args):
    """A run under POLICY."""
    done = proctor([os.path.join(box, "solve.py"), *args], "-q", "-p", policy, cwd=box)
    check(f"the log under {os.path.basename(policy)} is whole", done.records[-1]["kind"] == "end", done)
    return done


def decisions(records, root):
    """(call, path, line of code) to what was decided of it, for paths the script asked for."""
    found = {}
    for record in records:
        path = record.get("file", {}).get("path", "")
        if record["kind"] == "call" and (path.startswith(root) or path.startswith("/proc/")):
            found.setdefault((record["event"]["action"], path), record["decision"]["action"])
    return found


def apply(policy, line):
    """The proposed line as one more rule of its list."""
    key, _, value = line.partition(": ")
    assert re.search(rf"^{key}:\n", policy, re.M), line
    return re.sub(rf"^({key}:\n)", lambda match: match.group(1) + f"  - {value}\n", policy, count=1, flags=re.M)


def populate(base):
    root, box = os.path.join(base, "outside"), os.path.join(base, "box")
    for name in ("plain", "with space", "per%cent", "sta*r", "quo\"te", "hidden/file", "exactly-hidden", "looked-at",
                 "listed/in-it", "linked", "dots", "never", "directory/below"):
        put(root, name, name)
    put(box, "solve.py", SCRIPT)
    os.symlink(os.path.join(root, "linked"), os.path.join(box, "link"))
    return root, box


base = place()
root, box = populate(base)
policy_text = POLICY.format(root=root)
first = run(box, put(base, "policy.yaml", policy_text), root)
before = decisions(first.records, root)
proposals = offered = 0
for refusal in json.loads(explained(first.log_path, "--all", "--json"))["refusals"]:
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
    changed = put(base, f"policy{proposals}.yaml", apply(policy_text, line))
    told = native([PROCTOR, "policy", "check", changed])
    # What lies in a hidden directory shows that this one is there, and whoever grants it is told; so is he of a
    # file that is not there, which explain does not look for.
    seen = (b"can be seen, though not listed" in told.err and "hidden/" in path) or \
        (b"does not exist" in told.err and not os.path.exists(path))
    check(f"  {line.replace(base, '')} draws no message of policy check",
          told.status == 0 and told.err.count(b"\n") == seen, told)
    after = decisions(run(box, changed, root).records, root)
    name = refusal["call"].split("(")[0]
    check(f"  {line.replace(base, '')} allows it", after.get((name, path)) == "allow", after)
    others = {k: v for k, v in before.items() if k[1] != path}
    check("  and changes nothing else", all(after.get(k) == v for k, v in others.items()),
          {k: (v, after.get(k)) for k, v in others.items() if after.get(k) != v})
check(f"{proposals} proposals were tried", proposals >= 10 and offered >= 12)
finish()
