#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Calls about a descriptor that is open for reading only: what a write rule grants by a file's name is granted so
too, by the name that the file has now; a refused one says which file it was."""

import json
import os
import sys

sys.dont_write_bytecode = True
import harness as h

GRANTED = """
import os, sys
place = sys.argv[1]
def told(what, act):
    try: print(what, act())
    except OSError as e: print(what, e.errno)
def change(path, flags=os.O_RDONLY):
    fd = os.open(path, flags)
    os.fchmod(fd, 0o750)
    os.utime(fd, (5, 6))
    st = os.stat(path)
    return oct(st.st_mode & 0o7777), st.st_mtime
open(place + '/new', 'w').close()
os.mkdir(place + '/deep')
for name in 'new', 'deep', 'old', '.':
    told(name, lambda: change(os.path.join(place, name)))
told('O_PATH', lambda: change(place + '/new', os.O_PATH))
fd = os.open(place + '/new', os.O_RDONLY)
os.rename(place + '/new', place + '/deep/newer')
told('moved', lambda: os.fchmod(fd, 0o700))
print(oct(os.stat(place + '/deep/newer').st_mode & 0o777))
"""
REFUSED = """
import os, sys
place, other = sys.argv[1:]
def told(what, path, mode=0o777):
    fd = os.open(path, os.O_RDONLY)
    for act in (lambda: os.fchmod(fd, mode)), (lambda: os.utime(fd, (1, 1))):
        try: act(); print(what, 'done')
        except OSError as e: print(what, e.errno)
told('read alone', place + '/only/kept')
told('by another name', other + '/linked')
told('elsewhere', other)
fd = os.open(place + '/old', os.O_RDONLY)
try: os.fchmod(fd, 0o4755); print('set-id')
except OSError as e: print('set-id', e.errno)
"""
NAMED = """
import os
for path in os.path.dirname(__file__) + '/data', os.path.dirname(__file__):
    fd = os.open(path, os.O_RDONLY)
    for act in (lambda: os.fchmod(fd, 0o700)), (lambda: os.fchown(fd, 1, 1)), (lambda: os.utime(fd)), (lambda: os.setxattr(fd, 'user.a', b'')):
        try: act()
        except OSError as e: print(e.errno)
os.dup2(os.pipe()[0], fd)
for fd in fd, 0:
    try: os.fchmod(fd, 0o700)
    except OSError as e: print(e.errno)
fd = os.open(os.path.dirname(__file__) + '/data', os.O_RDONLY)
os.fchmod(fd, 0o700)
"""
SET_ID = """
import os
for mode in 0o4755, 0o2700:
    try: os.fchmod(os.open(__file__, os.O_RDONLY), mode)
    except OSError as e: print(e.errno)
"""


def modes(*paths):
    return [(os.stat(p).st_mode & 0o7777, os.stat(p).st_mtime) for p in paths]


def granted():
    answers = []
    for run in h.native, h.proctor:
        box, place = h.place(), h.place()
        h.put(place, "old", "old")
        options = [] if run is h.native else ["-w", place]
        answers.append(run([h.PYTHON, h.put(box, "granted.py", GRANTED), place], *options))
    h.equal("mode and times of a file that is open for reading", answers[1].out, answers[0].out)
    h.check("are no refusal", answers[1].status == 0 and not answers[1].refused(), answers[1])
    box = h.place()
    run = h.proctor([h.PYTHON, h.put(box, "granted.py", GRANTED.replace("'old', ", "").replace("sys.argv[1]", "__import__('tempfile').mkdtemp()"))], "--scratch")
    h.check("and in the scratch", run.out == answers[0].out.replace(b"old ('0o750', 6.0)\n", b"") and not run.refused(), run)


def refused():
    box, place, other = h.place(), h.place(), h.place()
    h.put(place, "old", "old")
    h.put(place, "only/kept", "kept")
    os.link(place + "/old", other + "/linked")
    paths = [place + "/only/kept", other + "/linked", other]
    before = modes(*paths)
    policy = h.put(box, "policy.yaml", f"version: 1\nextends: builtin:pure\nread: [{place}/only, {other}]\nwrite: [{place}]\n")
    run = h.proctor([h.PYTHON, h.put(box, "refused.py", REFUSED), place, other], "-p", policy)
    wanted = "".join(f"{w} 13\n{w} 13\n" for w in ("read alone", "by another name", "elsewhere")) + "set-id 1\n"
    h.equal("what is granted for reading only is refused", run.out.decode(), wanted)
    h.equal("and is as it was", modes(*paths), before)


def named():
    box, secret = h.place(), h.place()
    data, stdin = h.put(box, "data", "x"), h.put(secret, "stdin", "y")
    with open(stdin, "rb") as source:
        run = h.proctor([h.PYTHON, h.put(box, "named.py", NAMED)], stdin=source)
    calls = run.refused()
    h.equal("a refused call says what its descriptor is open on",
            [r.get("file", {}).get("path") for r in calls], [data] * 4 + [box] * 4 + [None, stdin, data])
    h.check("and which it is", all(r["file"]["descriptor"] == int(r["syscall"]["args"][0]) for r in calls if "file" in r), calls)
    h.check("explain has the file", f"  file  {data}\n" in h.explained(run.log_path), h.explained(run.log_path))
    messages = run.verdict["messages"]
    h.check("staff are told it", f" on {data} at named.py:" in messages["staff"], messages)
    h.check("students its name", messages["student"].startswith('Changing "data" is not allowed'), messages)
    h.check("but not where standard input comes from", secret not in h.explained(run.log_path, "--audience", "student"), run)
    fixes = {r["call"].split("(")[0]: r["fix"] for r in json.loads(h.explained(run.log_path, "--json", "--all"))["refusals"]}
    h.check("a write rule is proposed where one helps", all("write:" in str(fixes[c]) for c in ("fchmod", "utimensat")), fixes)
    h.check("and only there", "write:" not in str(fixes["fchown"]) and "write:" not in str(fixes["fsetxattr"]), fixes)
    h.check("but not as a line of its own: another rule may name the file", "-w" not in str(fixes["fchmod"]), fixes)
    run = h.proctor([h.PYTHON, h.put(box, "set_id.py", SET_ID)])
    fixes = [r["fix"] for r in json.loads(h.explained(run.log_path, "--json", "--all"))["refusals"] if "fchmod" in r["call"]]
    h.check("none is for set-id bits", len(fixes) == 2 and "write:" not in str(fixes), fixes)
    again = h.proctor([h.PYTHON, h.put(box, "other.py", NAMED), box], "-w", box, stdin=b"")
    h.check("it allows it", not [r for r in again.refused() if r["event"]["action"] == "utimensat"], again)


granted()
refused()
named()
h.finish()
