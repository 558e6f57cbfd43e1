#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--shadow: what a second policy would decide is recorded, summed and told, is what a run under that policy decides,
and changes nothing for the program.
"""
import json
import os

import harness as h
from harness import PROCTOR, PYTHON, check, equal, finish, place, put, title
from schema import offences

BASE = place()
PROGRAM = """import os, threading
HERE = os.path.dirname(os.path.abspath(__file__))
def try_(what, *args):
    try: return print(what.__name__, what(*args))
    except OSError as e: print(what.__name__, e.errno)
def look(name):
    with open(name) as f: return f.read()
try_(look, HERE + '/data.txt')
try_(look, HERE + '/link.txt')
try_(look, OUT + '/new.txt')
try_(look, OUT + '/hidden.txt')
try_(look, OUT + '/none.txt')
try_(os.listdir, OUT)
try_(os.stat, HERE + '/../' + os.path.basename(HERE) + '/data.txt')
try_(os.mkdir, OUT + '/made')
try_(os.readlink, HERE + '/link.txt')
t = threading.Thread(target=lambda: [try_(look, OUT + '/new.txt') for i in range(20)]); t.start(); t.join()
os.getppid()
"""


def setting():
    out = os.path.join(BASE, "out")
    put(out, "new.txt", "new")
    put(out, "hidden.txt", "hidden")
    put(os.path.join(BASE, "box"), "data.txt", "data")
    if not os.path.lexists(BASE + "/box/link.txt"):
        os.symlink("../out/new.txt", BASE + "/box/link.txt")
    script = put(os.path.join(BASE, "box"), "solve.py", f"OUT = {out!r}\n" + PROGRAM)
    old = put(BASE, "old.yaml", "version: 1\nname: old\nextends: builtin:pure\n")
    new = put(BASE, "new.yaml", f"version: 1\nname: new\nextends: builtin:python\nread: ['%{{submission}}/solve.py', {out}]\n"
                                f"hide: [{out}/hidden.txt]\nnever: [getppid]\nlimits: {{cpu: 1us}}\n")
    return script, old, new


def asked(records):
    """What was asked of which object: {(call, arguments): answer}, by the shadow if it differs."""
    return {(r["event"]["action"], json.dumps([a for a in r["syscall"]["args"] if a[0] == '"'])):
            (r.get("shadow") or r["decision"])["action"] for r in records
            if r["kind"] == "call" and r["decision"]["action"] != "none"}


def is_ours(key):
    return BASE in key[1]


def calls(run, name):
    return [r for r in run.records if r["kind"] == "call" and r["event"]["action"] == name]


def the_same(script, old, new):
    title("what it says is what a run under it decides")
    plain, shadowed, enforced = (h.proctor([PYTHON, script], "-q", "-p", p, *more)
                                 for p, more in ((old, ()), (old, ("--shadow", new)), (new, ("--cpu", "none"))))
    equal("the program sees what it sees without", (shadowed.out, shadowed.err, shadowed.status), (plain.out, plain.err, plain.status))
    equal("what is decided is what is decided without",
          [(r["event"]["action"], r["decision"]) for r in plain.records if r["kind"] == "call"],
          [(r["event"]["action"], r["decision"]) for r in shadowed.records if r["kind"] == "call" and r["event"]["action"] != "getppid"])
    said, done = asked(shadowed.records), asked(enforced.records)
    common = [k for k in done if k in said and is_ours(k)]
    check("there is something to compare", len(common) > 8, sorted(common))
    equal("each answer", {k: said[k] for k in common}, {k: done[k] for k in common})
    equal("a call that the filter would have let through unseen is seen", [r["shadow"]["rule"]["id"] for r in calls(shadowed, "getppid")], ["never"])
    found = [r for r in shadowed.records if r["kind"] == "call" and "shadow" in r]
    equal("and says where", {r["code"]["file.path"] for r in found if r["process"]["pid"]}, {script})
    back = h.proctor([PYTHON, script], "-q", "-p", new, "--cpu", "none", "--shadow", old)
    equal("the other way round too", {k: v for k, v in asked(back.records).items() if k in asked(plain.records) and is_ours(k)},
          {k: v for k, v in asked(plain.records).items() if k in asked(back.records) and is_ours(k)})
    return shadowed


def told(script, old, new, run):
    title("what is told")
    v = run.verdict
    with open(os.path.join(h.HERE, "../../doc/verdict.schema.json")) as f:
        equal("the verdict is as its schema says", offences(v, json.load(f)), [])
    found = [r for r in run.records if r["kind"] == "call" and "shadow" in r]
    sums = {"refused": 0, "allowed": 0, "otherwise": 0}
    for r in found:
        sums["refused" if r["decision"]["action"] == "allow" else "allowed" if r["shadow"]["action"] == "allow" else "otherwise"] += 1
    equal("its sums are those of the records", {k: v["shadow"][k] for k in sums}, sums)
    check("each kind of difference is there", all(sums.values()), sums)
    equal("the first is named", v["shadow"]["first"], found[0]["event"]["sequence"])
    equal("a limit that would have been crossed", v["shadow"]["limits"], ["cpu"])
    equal("the end record says the same", run.records[-1]["shadow"], v["shadow"])
    start = run.records[0]
    equal("the policy is in the start record", (start["shadow"]["name"], start["shadow"]["file"]), ("new", new))
    loud = h.proctor([PYTHON, script], "-p", old, "--shadow", new)
    line = [s for s in loud.err.decode().splitlines() if "would have" in s]
    check("a closing line", len(line) == 1 and line[0].startswith(f"proctor: {new} would have refused {sums['refused']} calls that were allowed"), loud.err)
    denied = h.proctor([PYTHON, script], "-q", "-p", old, "--shadow", new, "--calls", "denied")
    equal("a log of refusals has them too", len([r for r in denied.records if "shadow" in r and r["kind"] == "call"]), len(found))
    text = h.finished([PROCTOR, "explain", "--all", run.log_path], None, None, b"", None, 60, {})
    check("explain", f"under {new}, which was asked too:".encode() in text.out and b"getppid at " in text.out, text)
    doc = json.loads(h.finished([PROCTOR, "explain", "--json", run.log_path], None, None, b"", None, 60, {}).out)["shadow"]
    equal("as JSON", {k: doc[k] for k in sums}, sums)
    student = h.finished([PROCTOR, "explain", "--audience", "student", run.log_path], None, None, b"", None, 60, {})
    check("a student is told nothing of it", student.status == 0 and student.out and b"asked too" not in student.out, student)
    page = os.path.join(BASE, "page.html")
    h.finished([PROCTOR, "report", "-o", page, run.log_path], None, None, b"", None, 60, {})
    with open(page) as f:
        check("the page", "which was asked too" in f.read())
    alike = h.proctor([PYTHON, script], "-p", old, "--shadow", old)
    plain = h.proctor([PYTHON, script], "-q", "-p", old)
    stops = [r.last("summary")["stops"] for r in (plain, alike)]
    check("costs a decision more and no stop more", stops[0] > 50 and stops[0] == stops[1], stops)
    check("a policy asked about itself", b"would have decided each call alike" in alike.err and "shadow" not in "".join(
        str(list(r)) for r in alike.records if r["kind"] == "call"), alike.err)


def audit(script, old, new):
    title("audit mode, and misuse")
    run = h.proctor([PYTHON, script], "-q", "--mode", "audit", "-p", old, "--shadow", new)
    equal("nothing is refused", [r["shadow"]["action"] for r in calls(run, "getppid")], ["deny"])
    check("what would be differs", run.verdict["shadow"]["refused"] and run.verdict["shadow"]["allowed"], run.verdict)
    run = h.finished([PROCTOR, "run", "--shadow", BASE + "/none.yaml", PYTHON, script], None, None, b"", None, 60, {})
    check("no such policy", run.status == 65 and b"none.yaml" in run.err and not run.out, run)
    bad = put(BASE, "bad.yaml", "version: 1\nname: bad\nread: 7\n")
    run = h.finished([PROCTOR, "run", "--shadow", bad, PYTHON, script], None, None, b"", None, 60, {})
    check("a policy that is none", run.status == 65 and b"--shadow: " + bad.encode() + b":3" in run.err and not run.out, run)
    bad = put(BASE, "bad.yaml", "version: 1\nname: bad\nextends: builtin:python\nnever: [/usr/share/dict/**]\n")
    run = h.finished([PROCTOR, "run", "-r", "/usr/share/dict", "--shadow", bad, PYTHON, script], None, None, b"", None, 60, {})
    check("an option that it forbids", run.status == 65 and not run.out and run.err.startswith(b"--shadow: -r: ") and
          run.err.count(b"\n") == 1 and b"under never (" + bad.encode() in run.err, run)

    run = h.finished([PROCTOR, "run", "-w", BASE, "--shadow", new, PYTHON, script], None, None, b"", None, 60, {})
    check("a policy where the program may write", run.status == 64 and b"new.yaml lies where" in run.err and not run.out, run)


def hostile():
    title("what the program can do to it")
    script = put(os.path.join(BASE, "h"), "h.py", "import os\nfor n in ('\\x1b[2Jx', 'a\\nproctor: fine', '\"shadow\":{\"action\":', '\\udcff'):\n"
                 "    try: open(os.path.join(os.path.dirname(__file__), n))\n    except OSError: pass\n")
    few = put(BASE, "few.yaml", "version: 1\nname: few\nextends: builtin:python\nread: ['%{submission}/h.py']\n")
    run = h.proctor([PYTHON, script], "--shadow", few)
    equal("names cannot add a line", run.err.count(b"\n"), 1)
    equal("nor forge a member", [r["shadow"]["action"] for r in calls(run, "openat") if "shadow" in r], ["deny"] * 4)
    text = h.finished([PROCTOR, "explain", run.log_path], None, None, b"", None, 60, {}).out
    check("nor reach a terminal", b"\x1b[2J" not in text and b"\nproctor: fine" not in text and b"a\\n" in text, text)


script, old, new = setting()
run = the_same(script, old, new)
told(script, old, new, run)
audit(script, old, new)
hostile()
finish()
