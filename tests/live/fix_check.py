#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every change that explain proposes is made and tried: the call is allowed then, or the limit not
crossed, and no other decision of the run is another one. One small program for each way to be refused;
what is compared are all brokered calls of both logs, those of the interpreter too. Nothing is proposed
that `never` forbids, and no pattern where a path does."""
import collections
import json
import os
import re
import shlex
import subprocess

from harness import PROCTOR, PYTHON, check, clean_env, equal, explained, finish, place, proctor, put, sanitized, title, warmth

SLOW = 6 if sanitized() else 1

POLICY = """version: 1
name: fix
extends: builtin:python
on_deny: errno:EACCES
read:
  - "%{submission}"
write:
  - BASE/writable
hide:
  - BASE/hidden/**
  - BASE/hidden-file
never:
  - BASE/never
  - BASE/never-tree/**
  - bpf
log: {calls: brokered}
"""

PRELUDE = """import os, sys
O = sys.argv[1]
def attempt(f, *args, **more):
    try:
        return f(*args, **more)
    except OSError as error:
        return error.errno
def read(path):
    with open(path, "rb") as file:
        return file.read()
def outside(name):
    return os.path.join(O, name) if isinstance(name, str) else os.path.join(os.fsencode(O), name)
"""

# Names a policy has to be able to write down.
NAMES = ["plain", "with space", "quo\"te", "apos'trophe", "per%cent", "per%{cent}", "sta*r", "question?", "back\\slash",
         "# not a comment", "colon: x", "- dash", "caf\u00e9", "\u202eright-to-left", "[a]{b}", "~", "null",
         " leading", "trailing "]
# YAML text holds neither controls nor what is not UTF-8: explain says so.
UNNAMABLE = [b"tab\there", b"new\nline", b"\x1b[31m", b"latin-\xe9", b"\xff", b"half \xe2\x82"]


def case(name, body, expected=None, path=None, proposes=True, **limits):
    return {"name": name, "body": body, "expected": expected, "path": path, "proposes": proposes, "limits": limits}


CASES = [
    case("open of a file outside", "attempt(read, outside('plain'))", 'read: "BASE/plain"', "BASE/plain"),
    case("listing a directory", "attempt(os.listdir, outside('directory'))", 'read: "BASE/directory/"',
         "BASE/directory"),
    case("listing and reading what is in it",
         "attempt(os.listdir, outside('directory')); attempt(read, outside('directory/in-it'))",
         path=["BASE/directory", "BASE/directory/in-it"]),
    case("stat of a file", "attempt(os.stat, outside('plain'))", 'read: "BASE/plain"', "BASE/plain"),
    case("stat of a directory", "attempt(os.stat, outside('directory'))", path="BASE/directory"),
    case("access", "attempt(os.access, outside('plain'), os.R_OK)", 'read: "BASE/plain"', "BASE/plain"),
    case("a link to outside", "attempt(read, 'link')", 'read: "BASE/linked"', "BASE/linked"),
    case("a link to a link", "attempt(read, 'link-to-link')", path="BASE/link-on"),
    case("reading a link's text", "attempt(os.readlink, outside('link-on'))", path="BASE/link-on"),
    case("a way by ..", "attempt(read, '../plain')", path="BASE/plain"),
    case("a way through a directory", "attempt(read, '../directory/../plain')"),
    case("several files", "\n".join(f"attempt(read, outside('{n}'))" for n in ("plain", "linked", "with space")),
         path=["BASE/plain", "BASE/linked", "BASE/with space"]),
    case("the same file a hundred times", "for _ in range(100): attempt(read, outside('plain'))", 'read: "BASE/plain"',
         "BASE/plain"),
    case("a hidden tree", "attempt(read, outside('hidden/in-it'))", 'read: "BASE/hidden/in-it"', "BASE/hidden/in-it"),
    case("a directory in a hidden tree", "attempt(os.listdir, outside('hidden/deep'))", path="BASE/hidden/deep"),
    case("a file that is not there", "attempt(read, outside('absent'))", path="BASE/absent"),
    case("a file of the system", "attempt(read, '/etc/hostname')", 'read: "/etc/hostname"', "/etc/hostname"),
    case("a change of directory", "attempt(os.chdir, outside('directory'))", path="BASE/directory"),
    case("what never forbids", "attempt(read, outside('never')); attempt(os.stat, outside('never'))", path="BASE/never",
         proposes=False),
    case("a file beneath what never forbids", "attempt(read, outside('never-tree/in-it'))",
         path="BASE/never-tree/in-it", proposes=False),
    case("a hidden file by its very name", "attempt(read, outside('hidden-file'))", path="BASE/hidden-file",
         proposes=False),
    case("another process", "attempt(read, '/proc/1/environ')", path="/proc/1/environ", proposes=False),
    case("writing a file", "attempt(open, outside('directory/in-it'), 'a')", 'write: "BASE/directory"', "BASE/directory/in-it"),
    case("making a file", "attempt(open, outside('directory/made'), 'w')", 'write: "BASE/directory"', "BASE/directory/made"),
    case("making a directory", "attempt(os.mkdir, outside('directory/made'))", 'write: "BASE/directory"',
         "BASE/directory/made"),
    case("moving a file", "attempt(os.rename, outside('directory/in-it'), outside('directory/moved'))",
         'write: "BASE/directory"', "BASE/directory/in-it"),
    case("writing to a file of the system", "attempt(open, '/etc/made', 'w')", path="/etc/made", proposes=False),
    case("writing where every file lies", "attempt(open, '/made', 'w')", path="/made", proposes=False),
    case("writing where a rule for reading names the file", "attempt(open, 'solve.py', 'a')", path="BASE/box/solve.py",
         proposes=False),
    case("making a device", "attempt(os.mknod, outside('directory/node'), 0o600 | 0o20000)", path="BASE/directory/node",
         proposes=False),
    case("executing a program", "attempt(os.execv, '/usr/bin/true', ['true'])", path="/usr/bin/true",
         expected='exec: {path: "/usr/bin/true", argv: []}'),
    case("a socket", "import socket; attempt(socket.socket)", proposes=False),
    case("a call that never names", "import ctypes; ctypes.CDLL(None).syscall(321, 0, 0, 0)", proposes=False),
]
CASES += [case(f"a file called {name!r}", f"attempt(read, outside({name!r}))", path="BASE/" + name) for name in NAMES[1:]]
CASES += [case(f"a file called {name!r}", f"attempt(read, outside({name!r}))", path=b"BASE/" + name, proposes=False)
          for name in UNNAMABLE]
LIMIT_CASES = [
    case("processor time", "import time\nwhile time.process_time() < 0.4: pass", 'limits: {cpu: 600ms}', cpu="300ms"),
    case("memory", "import time\nx = bytearray(36 << 20)\ntime.sleep(0.4)", 'limits: {memory: 64MiB}', memory="32MiB"),
    case("output", "sys.stdout.write('x' * 1500)", 'limits: {output: 2KiB}', output="1KiB"),
    case("threads", "import threading, time\nfor _ in range(2): threading.Thread(target=time.sleep, args=(0.3,)).start()",
         'limits: {tasks: 3}', tasks="2"),
    case("open files", "x = [os.open('solve.py', 0) for _ in range(6)]", 'limits: {files: 9}', files="8"),
]


class Box:
    def __init__(self):
        self.base = place()
        self.box = os.path.join(self.base, "box")
        for name in NAMES + ["linked", "hidden-file", "never", "directory/in-it", "hidden/in-it", "hidden/deep/file",
                             "never-tree/in-it", "linked-on", "writable/in-it"]:
            put(self.base, name, "content")
        for name in UNNAMABLE:
            put(os.fsencode(self.base), name, b"content")
        os.mkdir(self.box)
        os.symlink("../linked", os.path.join(self.box, "link"))
        os.symlink("../link-on", os.path.join(self.box, "link-to-link"))
        os.symlink("linked-on", os.path.join(self.base, "link-on"))
        self.runs = 0

    def fill(self, text):
        if isinstance(text, bytes):
            return text.replace(b"BASE", os.fsencode(self.base))
        return text.replace("BASE", self.base) if text else text

    def run(self, policy, *options):
        """The records of one run under POLICY (text, or None for the built-in one)."""
        self.runs += 1
        log = os.path.join(self.base, f"log-{self.runs}")
        if policy:
            with open(os.path.join(self.base, "policy.yaml"), "w", encoding="utf-8") as out:
                out.write(policy)
            options = ["-p", os.path.join(self.base, "policy.yaml"), *options]
        done = proctor([os.path.join(self.box, "solve.py"), self.base], "-q", "--python", PYTHON, *options, log=log, verdict=False,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=60 * SLOW, cwd=self.box)
        self.complaint = done.err
        if not os.path.exists(log):
            return None, log
        with open(log, "rb") as lines:
            return [json.loads(line) for line in lines], log

    def explain(self, log):
        return json.loads(explained(log, "--all", "--json"))


def path_of(record):
    """Exactly."""
    file = record.get("file", {})
    if "path_b64" in file:
        import base64
        return base64.b64decode(file["path_b64"])
    return file.get("path", "").encode()


def args_of(record):
    """The arguments without addresses and its own numbers, which are others in each run."""
    own = str(record["process"]["pid"]), str(record["process"]["thread"]["id"])
    return [a for a in record["syscall"]["args"] if a not in own and not re.fullmatch("0x[0-9a-f]+", a)]


def call_of(record):
    """The call as the program made it."""
    return (record["event"]["action"], *args_of(record), path_of(record))


def decisions(records):
    """What was decided of each brokered call. How often does not count: a file that opens is looked at."""
    found = collections.defaultdict(set)
    for r in records:
        if r["kind"] == "call":
            found[call_of(r)].add(r["decision"]["action"])
    return found


def applied(policy, line):
    """POLICY with the proposed LINE in it: one more of a list, or another value of a limit."""
    key, _, value = line.partition(": ")
    if key == "limits":
        return re.sub(r"^limits: .*$", lambda _: line, policy, flags=re.M)
    if key == "exec":
        return policy + line + "\n"
    assert re.search(rf"^{key}:$", policy, re.M), line
    return re.sub(rf"^{key}:$", lambda m: f"{m.group()}\n  - {value}", policy, count=1, flags=re.M)


def is_exact(line):
    """No wildcard but an escaped one."""
    return not re.search(r"[*?]", re.sub(r"%.", "", line))


def decided_of(found, refusal):
    """The decisions on the call of REFUSAL, whatever its path has come to be."""
    call = (refusal["call"].split("(")[0], *args_of(refusal))
    return set().union(*(v for k, v in found.items() if k[:-1] == call))


def try_path_case(c):
    box = Box()
    put(box.box, "solve.py", PRELUDE + c["body"] + "\n")
    policy = box.fill(POLICY)
    records, log = box.run(policy)
    before = decisions(records)
    paths = [os.fsencode(box.fill(p)) for p in (c["path"] if isinstance(c["path"], list) else [c["path"]])] \
        if c["path"] else None
    mine = [r for r in box.explain(log)["refusals"]
            if (path_of(r) in paths if paths else "solve.py" in json.dumps(r.get("code", {})))]
    if not check(f"{c['name']}: it is refused", mine, box.explain(log)["refusals"], box.complaint):
        return
    lines = [r["fix"].get("policy") for r in mine]
    if not c["proposes"]:
        check("  nothing is proposed, and something said", all(r["fix"].get("policy") is None and
              (r["fix"].get("note") or r["fix"].get("advice")) for r in mine), [r["fix"] for r in mine])
        return
    if not check("  something is proposed", all(lines), [r["fix"] for r in mine]):
        return
    if c["expected"]:
        equal("  as expected", set(lines), {box.fill(c["expected"])})
    check("  it is exact", all(is_exact(line.replace(box.base, "")) for line in lines), lines)
    for refusal, line in zip(mine, lines):
        path = path_of(refusal)
        changed = applied(policy, line)
        again, log = box.run(changed)
        if not check(f"  {line.replace(box.base, '')!r} is a policy", again, box.complaint):
            continue
        after = decisions(again)
        if decided_of(after, refusal) == {"deny"} and c["name"] == "a way through a directory":
            after = go_on(box, changed, log)
        equal("  it allows the call", decided_of(after, refusal), {"allow"})
        # The same path asked for in another way is granted with it; nothing else may be.
        others = {k: (v, after.get(k)) for k, v in before.items() if k[-1] != path and after.get(k) != v}
        check("  it changes no other decision", not others, others)
        more = {k: v for k, v in after.items() if k not in before and v != {"allow"}}
        if warmth.MODE:  # the start of a program that it has been granted; that of a held interpreter is not in its log
            more.pop(("access", '"/etc/ld.so.preload"', "R_OK", b"/etc/ld.so.preload"), None)
        check("  it brings no new refusal", not more or len(mine) > 1, more)


def go_on(box, policy, log):
    """A way that is barred more than once: what is proposed after the first change, made too."""
    barred = [r for r in box.explain(log)["refusals"] if "solve.py" in json.dumps(r.get("code", {}))]
    equal("  what bars the way next is told", len(barred), 1)
    return decisions(box.run(applied(policy, barred[0]["fix"]["policy"]))[0])


def try_limit_case(c):
    box = Box()
    put(box.box, "solve.py", PRELUDE + c["body"] + "\n")
    name, value = next(iter(c["limits"].items()))
    policy = box.fill(POLICY) + f"limits: {{{name}: {value}}}\n"
    records, log = box.run(policy)
    before = decisions(records)
    ended = box.explain(log)["ended_by"] or {}
    fix = ended.get("limit", {}).get("fix", {})
    if not check(f"{c['name']}: the limit is told", ended.get("kind") == "limit", ended, records[-1]):
        return
    equal("  its change is proposed", fix.get("policy"), c["expected"])
    again, _ = box.run(applied(policy, fix.get("policy") or ""))
    if not check("  it is a policy", again, box.complaint):
        return
    equal("  the program comes to its end", again[-1]["status"], "OK")
    after = decisions(again)
    others = {k: (v, after.get(k)) for k, v in before.items() if after.get(k) != v}
    check("  it changes no decision", not others, others)


# ---------------------------------------------------------------- until the program works

# What does not work for one refusal after the other: every change that is proposed is made, until the program
# ends with 0. (what, program, how often at most a change may be needed)
WORKS = [
    ("a module of another directory", "sys.path.insert(0, '../lib')\nimport there\nassert there.x == 1", 1),
    ("a package of another directory", "sys.path.insert(0, O + '/lib')\nimport package.inner", 1),
    ("reading a file", "assert read(outside('plain')) == b'content'", 1),
    ("a file with a quote in its name", "assert read(outside(\"apos'trophe\")) == b'content'", 1),
    ("looking at a file", "os.stat(outside('plain'))", 1),
    ("listing a directory", "assert os.listdir(outside('directory')) == ['in-it']", 1),
    ("going into a directory", "os.chdir(outside('directory'))\nassert os.listdir('.') == ['in-it']", 2),
    ("a file of /proc", "assert read('/proc/loadavg')", 1),
    ("a link to outside", "assert read('link') == b'content'", 1),
]


def proposed(box, log, key):
    """What is proposed for the refusals of the program's own lines, each once."""
    found = [r["fix"].get(key) for r in box.explain(log)["refusals"] if "solve.py" in json.dumps(r.get("stack", {}))
             and (r["decision"].get("violation") or r["rule"]["id"] == "on_deny")]
    return list(dict.fromkeys(f for f in found if f))


def try_until_it_works(what, body, most, with_policy):
    box = Box()
    put(box.base, "lib/there.py", "x = 1\n")
    put(box.base, "lib/package/__init__.py", "")
    put(box.base, "lib/package/inner.py", "")
    put(box.box, "solve.py", PRELUDE + body + "\n")
    policy, options, status = box.fill(POLICY), [], None
    for changes in range(most + 1):
        records, log = box.run(policy if with_policy else None, *options)
        if not check(f"{what}: it runs", records, box.complaint):
            return
        status = records[-1]["exit"]["code"]
        if status == 0:
            break
        new = proposed(box, log, "policy" if with_policy else "option")
        if not check(f"  {new} is proposed", new, box.explain(log)["refusals"]):
            return
        for change in new:
            if with_policy:
                policy = applied(policy, change)
            else:
                options += shlex.split(change)
    check(f"  the program works after {changes} change{'s' * (changes != 1)}",
          status == 0 and 0 < changes <= most, status, records[-1])


title("what a policy can grant")
for one in CASES:
    try_path_case(one)
for with_policy in True, False:
    title("until the program works, with a policy" if with_policy else "until it works, by options alone")
    for one in WORKS:
        try_until_it_works(*one, with_policy)
title("limits")
for one in LIMIT_CASES:
    try_limit_case(one)
finish()
