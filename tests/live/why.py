#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `why` answers, and `policy test`, is what a run decides: random policies over a small tree, and every question
that it can be asked, against the decisions in the log of one run.

WHY_POLICIES says how many (default 25, of 15 questions each), WHY_SEED which. 10,000 without a run are in
tests/unit/check_decide.c."""
import json
import os
import random

import harness as h
from harness import PROCTOR, PYTHON, check, equal, finish, place, put, title

BASE = place()
POLICIES = int(os.environ.get("WHY_POLICIES", "25"))
SEED = int(os.environ.get("WHY_SEED", "1"))

# Asks each question of its list by one call and says nothing: the log tells.
ASKER = """import json, os, sys
for want, path in json.load(sys.stdin):
    try:
        if want in ("read", "list"):
            os.close(os.open(path, os.O_RDONLY | (os.O_DIRECTORY if want == "list" else 0)))
        elif want == "write":
            os.close(os.open(path, os.O_WRONLY))
        elif want == "stat":
            os.stat(path)
        elif want == "lstat":
            os.lstat(path)
    except OSError:
        pass
"""


def why(policy, *questions, options=(), python=PYTHON):
    words = [word for question in questions for word in question]
    return h.finished([PROCTOR, "why", "--python", python, *options, policy, *words], None, None, b"", None, 60, {})


def answers(*args, **more):
    got = why(*args, options=("--json",) + tuple(more.get("options", ())))
    return got, [json.loads(line) for line in got.out.splitlines()]


def tree():
    top = os.path.join(BASE, "tree")
    names = ["a", "a/f", "a/g.txt", "a/b", "a/b/f", "a/b/h.txt", "c", "c/f", "c/d", "c/d/f", "e.txt", "x*y", "z"]
    for name in names:
        if name in ("a", "a/b", "c", "c/d"):
            os.makedirs(os.path.join(top, name), exist_ok=True)
        else:
            put(top, name, name)
    os.symlink("a/b", os.path.join(top, "link"))
    os.symlink(os.path.join(top, "c/f"), os.path.join(top, "a/away"))
    return top, names + ["link", "link/f", "a/away", "absent", "a/absent", "a/b/../f", "c/./f", "link/../g.txt"]


def random_policy(chance, top, names):
    def rule():
        path = os.path.join(top, chance.choice(names[:16] + [""])).rstrip("/").replace("*", "%*")
        form = chance.random()
        if form < 0.25:
            return path + "/**"
        if form < 0.4:
            return path + "/"
        if form < 0.55:
            return os.path.join(top, chance.choice(["*/f", "*", "a/*.txt", "?", "c/**", "*/b/**"]))
        return path

    lists = {"read": [], "hide": [], "never": []}
    for _ in range(chance.randrange(1, 8)):
        lists[chance.choice(["read", "read", "read", "hide", "hide", "never"])].append(rule())
    text = "version: 1\nextends: builtin:python\non_deny: errno:%s\n" % chance.choice(["EACCES", "EPERM", "ENOENT"])
    return text + "".join("%s: %s\n" % (key, json.dumps(rules)) for key, rules in lists.items() if rules)


def decided(run, path, want):
    """The decision on the one call in the log that the question was."""
    flags = {"read": "O_RDONLY", "list": "O_DIRECTORY", "write": "O_WRONLY", "stat": "newfstatat", "lstat": "NOFOLLOW"}
    for record in run.records:
        if record["kind"] != "call":
            continue
        args = record["syscall"]["args"]
        name = record["event"]["action"]
        if not any(json.dumps(path) == a for a in args):
            continue
        text = name + " " + " ".join(args)
        if flags[want] in text and (want != "read" or "O_DIRECTORY" not in text) and (want != "stat" or "NOFOLLOW" not in text):
            return record
    return None


def agree(chance, top, names, count):
    """One policy that can be used: how many answers were compared, and those that differ."""
    while True:
        policy = put(BASE, "random.yaml", random_policy(chance, top, names))
        if h.finished([PROCTOR, "policy", "check", policy], None, None, b"", None, 60, {}).status == 0:
            break
    questions = list(dict.fromkeys((chance.choice(["read", "list", "write", "stat", "lstat"]), os.path.join(top, chance.choice(names)))
                                   for _ in range(count)))
    run = h.proctor([PYTHON, "-c", ASKER], "-q", "-p", policy, stdin=json.dumps(questions).encode())
    got, told = answers(policy, *questions)
    if run.status != 0 or len(told) != len(questions):
        return 0, [("no answer", run, got, open(policy).read())]
    wrong, compared = [], 0
    for question, answer in zip(questions, told):
        record = decided(run, question[1], question[0])
        if record is None:
            wrong.append(("no record", question))
            continue
        compared += 1
        action = record["decision"]["action"]
        same = action == answer["action"] or (action == "none" and answer["action"] in ("error", "allow"))
        if same and action != "none":
            same = (record["rule"]["ref"], record["file"]["path"]) == (answer["ref"], answer["path"] or question[1])
        if same and action in ("hide", "deny"):
            same = record["syscall"].get("errno") == answer["errno"]
        if not same:
            wrong.append((question, record["decision"], record.get("rule"), record["syscall"], answer, open(policy).read()))
    words = {"read": "--read", "stat": "--stat", "lstat": "--lstat", "write": "--write"}
    plain = [(q, a) for q, a in zip(questions, told) if q[0] in words]
    test = h.finished([PROCTOR, "policy", "test", "--python", PYTHON, policy, *(w for q, _ in plain for w in (words[q[0]], q[1]))],
                      None, None, b"", None, 60, {})
    lines = [line.split()[0] for line in test.out.decode().splitlines()]
    if lines != [a["action"] for _, a in plain]:
        wrong.append(("policy test", test, plain))
    return compared, wrong


def property_test():
    top, names = tree()
    chance = random.Random(SEED)
    compared, wrong = 0, []
    for _ in range(POLICIES):
        n, differing = agree(chance, top, names, 16)
        compared += n
        wrong += differing
    check(f"why, policy test and a run agree: {POLICIES} policies, seed {SEED}", not wrong, len(wrong), *wrong[:3])
    check(f"many questions were compared: at least {POLICIES * 10}", compared >= POLICIES * 10, compared)


def words():
    secret = put(BASE, "secret.txt", "x")
    never = put(BASE, "never.yaml", f"version: 1\nextends: builtin:pure\nnever: [{secret}, getpid]\nhide: [{BASE}/hidden]\n")
    got = why("pure", ("read", secret))
    check("what nothing grants is told with the line that would", got.status == 1 and got.out.startswith(b"deny ") and
          f'fix   read: "{secret}"'.encode() in got.out and b"builtin:pure" in got.out, got)
    fixed = put(BASE, "fixed.yaml", f'version: 1\nextends: builtin:python\nread: ["{secret}"]\n')
    got = why(fixed, ("read", secret))
    check("with that line it is allowed, by it", got.status == 0 and got.out.startswith(b"allow ") and b"fixed.yaml:3:8" in got.out, got)
    got = why(never, ("read", secret))
    check("what `never` names has no line", got.status == 1 and b"never.yaml:3:9" in got.out and b"fix   no policy line" in got.out, got)
    got = why(never, ("stat", BASE + "/hidden"))
    check("hidden is hidden", got.status == 1 and got.out.startswith(b"hide ") and b"ENOENT" in got.out, got)
    got, told = answers(never, ("call", "getpid"), ("call", "getppid"), ("call", "openat"), ("call", "bpf"), ("call", "clone3"),
                        ("connect", "127.0.0.1:80"), ("bind", "127.0.0.1:0"), ("exec", "/bin/sh"), ("write", secret))
    equal("calls, addresses, programs and writes are answered", [a["action"] for a in told],
          ["deny", "allow", "depends", "deny", "hide", "deny", "deny", "deny", "deny"])
    asked = [("call", name) for name in ("socket", "connect", "setsockopt", "fork", "vfork", "clone", "execve", "setsid")]
    granted = {"nothing": (), "net": ("--connect", "127.0.0.1:80"), "process": ("--process", "fork"), "scratch": ("--process", "fork", "--scratch")}
    equal("calls that a grant brings depend on their arguments with it, and are refused without",
          {name: " ".join(a["action"] for a in answers("pure", *asked, options=more)[1]) for name, more in granted.items()},
          {"nothing": "deny deny deny deny deny depends deny deny", "net": "depends depends depends deny deny depends deny deny",
           "process": "deny deny deny " + "depends " * 4 + "depends", "scratch": "depends " * 7 + "depends"})
    equal("and it is said which line brings them", [a["fix"] or a["note"] for a in answers("pure", ("call", "socket"), ("call", "fork"), ("call", "sendfile"))[1]],
          ["no policy line yet: the address is not known before connect or bind; net: {connect: [\"HOST:PORT\"]} grants one", "process: fork",
           "no policy line of its own: write: [DIR] lets it copy to files beneath DIR"])
    equal("with that one the copy depends", [a["action"] for a in answers("scratch", ("call", "sendfile"), ("call", "copy_file_range"), ("call", "splice"))[1]], ["depends", "depends", "hide"])
    check("JSON has a rule and a reason for each", all(a["because"] and a["schema"] == "proctor.why/1" for a in told) and
          told[0]["rule"] == "never", told)
    got, told = answers("pure", *((want, "/dev/stdin") for want in ("read", "write", "stat", "exec")))
    equal("a descriptor of its own is there, opened as it was, and is no program", [a["action"] for a in told],
          ["depends", "depends", "allow", "deny"])
    script = put(BASE, "sub/solve.py", "pass\n")
    put(BASE, "sub/data", "x")
    got = why("pure", ("read", os.path.join(BASE, "sub/data")), options=("--script", script))
    check("--script says what the submission is", got.status == 0, got)
    got = why("pure", ("read", secret), options=("-r", secret))
    check("-r grants", got.status == 0 and b"-r" in got.out, got)
    got, told = answers("pure", ("exec", "/bin/true"), ("connect", "127.0.0.1:80"), ("bind", "127.0.0.1:81"), ("connect", "127.0.0.1:81"),
                        options=("--exec", "/bin/true", "--connect", "127.0.0.1:80", "--bind", "127.0.0.1:81"))
    equal("--exec, --connect and --bind grant what they name", [(a["action"], a["ref"]) for a in told[:3]] + [told[3]["action"]],
          [("allow", "--exec"), ("allow", "--connect"), ("allow", "--bind"), "deny"])
    made = [why("pure", ("exec", os.path.realpath(PYTHON)), options=more).status
            for more in ((), ("--process", "no"), ("--process", "fork"), ("--process", "many"))]
    equal("--process lets it execute its interpreter, or not", made, [1, 1, 0, 64])
    got = why("pure", ("read", "/no\x1b[2J\u202e"))
    check("a hostile name is told in plain characters", b"\x1b" not in got.out and "\u202e".encode() not in got.out, got)
    for bad in ([], ["pure"], ["pure", "read"], ["pure", "frob", "/"], ["pure", "call", "nosuchcall"], ["pure", "read", ""],
                ["pure", "read", "/", "write"], ["--frob", "pure", "read", "/"]):
        got = h.finished([PROCTOR, "why", *bad], None, None, b"", None, 60, {})
        check("bad use exits 64: " + " ".join(bad), got.status == 64 and not got.out and got.err, got)
    equal("a policy that is not there exits 65", why(BASE + "/gone.yaml", ("read", "/")).status, 65)


for part in words, property_test:
    title(part.__name__.replace("_", " "))
    part()
finish()
