#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A way through a directory that nothing grants, which comes back by "..", leads where it leads; and it tells
nothing of what it passes: not whether that is there, nor whether it is a link, a file or a directory.
"""

import json
import os
import sys

sys.dont_write_bytecode = True
import harness as h

SCRIPT = r"""
import os, sys
sys.path.insert(0, os.path.join(os.getcwd(), "..", "t"))
import beside
print(open(os.getcwd() + "/../t/data").read(), beside.value, open("/var/../" + os.path.realpath("../t/data")).read())
print(open("../t/data").read(), os.stat(os.getcwd() + "/../t").st_size > 0)
os.chdir(os.getcwd() + "/../t")
print(open("data").read(), os.path.basename(os.getcwd()))
"""

# Every way of asking, through each of several names; one answer for all of them.
PASSING = r"""
import errno, json, os, sys
box, out = sys.argv[1:3]
back = "/../../" + os.path.basename(box)
def ask(fn, *args):
    try:
        return repr(fn(*args))[:9]
    except OSError as e:
        return errno.errorcode[e.errno]
answers = {}
for name in "directory", "nothing", "file", "link", "loop", "in", "deep/er/still/nothing/../../..":
    way = out + "/" + name + back
    answers[name] = [ask(lambda: open(way + "/data").read()), ask(os.stat, way), ask(os.listdir, way),
                     ask(os.access, way + "/data", 4), ask(os.readlink, way + "/link"), ask(os.chdir, way),
                     ask(open, way + "/none"), ask(open, way + "/data/.."), ask(os.statvfs, way),
                     ask(open, out + "/" + name + "/../secret"), ask(os.stat, out + "/" + name + "/../none")]
print(json.dumps(answers))
"""

# What a rule names keeps its answer.
NAMED = r"""
import errno, sys
for name in sys.argv[2:]:
    try:
        print(open(sys.argv[1] + "/" + name + "/../data").read())
    except OSError as e:
        print(errno.errorcode[e.errno])
"""


def run_beside():
    top = h.place()
    os.mkdir(top + "/a")
    script = h.put(top + "/t", "s.py", SCRIPT)
    h.put(top + "/t", "data", "data")
    h.put(top + "/t", "beside.py", "value = 'module'\n")
    bare = h.native([h.PYTHON, "../t/s.py"], cwd=top + "/a")
    for name, words, options in (
        ("a script by ../t/s.py", ["../t/s.py"], []),
        ("by an absolute path", [script], []),
        ("by a path through another directory", [f"/usr/..{top}/a/../t/s.py"], []),
        ("python3 -c with a grant", [h.PYTHON, "-c", SCRIPT], ["-r", "../t"]),
    ):
        run = h.proctor(words, *options, cwd=top + "/a")
        h.equal(f"{name}: it prints what it prints natively", (run.status, run.out), (bare.status, bare.out))
        # realpath(3), by which the interpreter names a script's directory, looks at each name on the way.
        h.check(f"{name}: nothing that is opened is refused", not [r for r in run.refused() if r["event"]["action"] == "openat"], run)


def pass_by():
    out, box = h.place(), h.place()
    os.makedirs(out + "/directory")
    h.put(out, "file", "x")
    h.put(out, "secret", "SECRET")
    os.symlink("loop", out + "/loop")
    os.symlink("/usr", out + "/link")
    os.symlink(box, out + "/in")
    h.put(box, "data", "what is there")
    os.symlink("data", box + "/link")
    script = h.put(h.place(), "passing.py", PASSING)
    run = h.proctor([h.PYTHON, script, box, out], "-r", box)
    answers = json.loads(run.out or b"{}")
    if not h.check("the ways were gone", len(answers) == 7, run):
        return
    for name, answer in answers.items():
        h.equal(f"by way of {name!r}: the same answers as by a directory", answer, answers["directory"])
    bare = json.loads(h.native([h.PYTHON, script, box, out]).out)["directory"]
    h.equal("which are those without proctor", answers["directory"][:9], bare[:9])
    h.equal("but for what lies outside", answers["directory"][9:], ["EACCES", "ENOENT"])


def keep_named():
    box = h.place()
    h.put(box, "data", "what is there")
    for name in "plain", "hidden", "forbidden":
        os.mkdir(f"{box}/{name}")
    policy = h.put(
        h.place(),
        "p.yaml",
        f"version: 1\nname: p\nextends: builtin:pure\nread: ['{box}/**']\nhide: ['{box}/hidden/**']\n"
        f"never: ['{box}/forbidden/**']\n",
    )
    script = h.put(h.place(), "named.py", NAMED)
    run = h.proctor([h.PYTHON, script, box, "plain", "hidden", "forbidden"], "--policy", policy)
    h.equal("what a rule hides or forbids is no way", run.out, b"what is there\nENOENT\nEACCES\n")


run_beside()
pass_by()
keep_named()
h.finish()
