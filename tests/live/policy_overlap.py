#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each sentence of WHICH RULE DECIDES in proctor-policy(5), by a policy in which rules overlap; and what `refuse` does
to a program, by name and by group."""

import json
import os
import re
import sys

sys.dont_write_bytecode = True
import harness as h

TOP = os.environ.get("top_srcdir", os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
BOX = os.path.realpath(h.place())
for name in ("f.txt", "g.bin", "s/f.txt", "s/t/f.txt", "x/y"):
    h.put(BOX, name, name)
HEAD = "version: 1\nextends: builtin:python\n"
SYSTEM = os.path.realpath("/usr/lib/x86_64-linux-gnu")
NET = "net: {connect: [\"127.0.0.1:80\"]}\n"
h.put(BOX, "below.yaml", f"version: 1\nextends: builtin:python\nhide: [{BOX}/s]\n")

# What the page calls it: policy, question, action, and the rule that says so.
CASES = [
    ("never-path", "read: [BOX, \"BOX/x/?\"]\nnever: [BOX/x]\n", "read BOX/x/y", "deny", "never"),
    ("never-call", NET + "never: [connect]\n", "connect 127.0.0.1:80", "deny", "never"),
    ("refuse-call", NET + "refuse: [connect]\n", "connect 127.0.0.1:80", "deny", "refuse"),
    ("refuse-call", NET + "refuse: [\"@network\"]\n", "connect 127.0.0.1:80", "deny", "refuse"),
    ("refuse-call", "refuse: [\"@time\"]\n", "call clock_settime", "deny", "refuse"),
    ("refuse-call", "refuse: [\"@keys\", \"@process\"]\n", "call exit_group", "allow", None),
    ("refuse-call", "refuse: [\"@start\"]\n", "call clone3", "hide", None),
    ("refuse-call", "refuse: [clone3]\n", "call clone3", "deny", "refuse"),
    ("never-refuse", "refuse: [getpid]\nnever: [\"@self\"]\n", "call getpid", "deny", "never"),
    ("never-refuse", "refuse: [\"@self\"]\nnever: [getpid]\n", "call getpid", "deny", "never"),
    ("never-refuse", "refuse: [getpid, getppid]\nnever: [getpid]\n", "call getppid", "deny", "refuse"),
    ("exact", "hide: [BOX, \"BOX/*.txt\"]\nread: [BOX/f.txt]\n", "read BOX/f.txt", "allow", "read"),
    ("exact", "read: [BOX]\nhide: [BOX/s/]\n", "read BOX/s", "hide", "hide"),
    ("whole", "read: [BOX]\nhide: [\"BOX/*.txt\"]\n", "read BOX/f.txt", "hide", "hide"),
    ("whole", "hide: [BOX/s]\nread: [\"BOX/*/f.txt\"]\n", "read BOX/s/f.txt", "allow", "read"),
    ("deepest", "read: [BOX, BOX/s/t]\nhide: [BOX/s]\n", "read BOX/s/t/f.txt", "allow", "read"),
    ("deepest", "read: [BOX, BOX/s/t]\nhide: [BOX/s]\n", "read BOX/s/f.txt", "hide", "hide"),
    ("literal", "read: [BOX/s]\nhide: [\"BOX/*/**\"]\n", "read BOX/s/f.txt", "allow", "read"),
    ("builtin", f"hide: [{SYSTEM}]\n", f"read {SYSTEM}/libc.so.6", "hide", "hide"),
    ("layer", "extends: ./below.yaml\nread: [BOX/s]\n", "read BOX/s/f.txt", "allow", "read"),
    ("layer", "extends: ./below.yaml\nread: [BOX]\n", "read BOX/s/f.txt", "hide", "hide"),
    ("hide", "read: [BOX/s]\nwrite: [BOX/s]\nhide: [BOX/s]\n", "read BOX/s/f.txt", "hide", "hide"),
    ("write", "read: [BOX/s]\nwrite: [BOX/s]\n", "write BOX/s/f.txt", "allow", "write"),
    ("order", "hide: [\"BOX/*.txt\"]\nread: [BOX]\n", "read BOX/f.txt", "hide", "hide"),
    ("option", "hide: [BOX]\n", "read BOX/s/f.txt", "allow", "read", "-r", BOX + "/s"),
    ("option", "hide: [BOX/s]\n", "read BOX/s/f.txt", "hide", "hide", "-r", BOX + "/s"),
    ("address", "net: {connect: [\"127.0.0.1:*\", \"127.0.0.1:443\", \"10.0.0.0/8:80\"]}\n", "connect 127.0.0.1:80", "allow", "connect"),
    ("none", "on_deny: errno:EPERM\n", "read BOX/f.txt", "deny", "on_deny"),
    ("look", "on_deny: kill\n", "stat BOX/f.txt", "hide", "on_deny"),
]


def ask(text, question, *options):
    head = "version: 1\n" if "extends:" in text else HEAD
    policy = h.put(BOX, "p.yaml", head + text.replace("BOX", BOX))
    word, thing = question.replace("BOX", BOX).split()
    if word == "stat":
        done = h.finished([h.PROCTOR, "policy", "test", policy, "--stat", thing], None, None, b"", None, 30, {})
        return done.out.decode().split()[0], done.out.decode().split("(")[1].split()[0], done
    done = h.finished([h.PROCTOR, "why", "--json", *options, policy, word, thing], None, None, b"", None, 30, {})
    answer = json.loads(done.out) if done.out else {}
    return answer.get("action"), answer.get("rule"), done


with open(os.path.join(TOP, "man", "proctor-policy.5"), encoding="utf-8") as page:
    told = re.findall(r'^\.\\" case (\S+)$', page.read(), re.M)
h.equal("each sentence of the page has a case, and each case a sentence", sorted(told), sorted({c[0] for c in CASES}))
for name, text, question, action, rule, *options in CASES:
    got, who, done = ask(text, question, *options)
    h.check(f"{name}: {question.replace('BOX', '')} with {' '.join(text.split()).replace('BOX', '')[:60]}", got == action and
            (rule is None or who == rule), (got, who), done)

run = h.finished([h.PROCTOR, "policy", "check", h.put(BOX, "w.yaml", HEAD + "refuse: [\"@memory\"]\n")], None, None, b"", None, 30, {})
h.check("a group that no interpreter starts without is a warning", run.status == 0 and b"does not start" in run.err, run)
run = h.finished([h.PROCTOR, "policy", "check", h.put(BOX, "w.yaml", HEAD + "refuse: [frob]\n")], None, None, b"", None, 30, {})
h.check("so is a call that there is not", b"3:10: warning: refuse: there is no system call frob" in run.err, run)

script = h.put(BOX, "a.py", "import os, socket, time\ndef t(f):\n  try: f()\n  except OSError as e: print(e.errno)\n"
               "t(os.getpid); t(os.getppid); t(lambda: socket.socketpair()); t(lambda: time.sleep(0)); print('end')\n")
policy = h.put(BOX, "r.yaml", HEAD + f"read: [{BOX}]\non_deny: errno:EPERM\nrefuse: [getppid, \"@socket\", \"@admin\"]\n")
run = h.proctor([h.PYTHON, script], "-p", policy)
refused = [r for r in run.refused() if r["rule"]["id"] == "refuse"]
h.equal("a program goes on without what is refused", run.out, b"1\nend\n")
h.check("the records say which rule it was", [(r["event"]["action"], r["rule"]["ref"].split(":", 1)[1]) for r in refused] ==
        [("getppid", "5:10"), ("socketpair", "5:19")] and all(r["decision"]["violation"] for r in refused), run.refused(), run)
text = h.explained(run.log_path)
h.check("explain says it, and that there is no line for it", "`refuse` names the call" in text and "at " + policy + ":5:10" in text, text)
h.finish()
