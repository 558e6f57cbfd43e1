#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A policy that is laid over others: what wins, each sentence of proctor-policy(5) about it; what cannot be read is
one clear error in bounded time; and the log has every text that it was made of."""

import hashlib
import os
import sys

sys.dont_write_bytecode = True
import harness as h

HEAD = "version: 1\n"


class Bench:
    def __init__(self):
        self.box = os.path.realpath(h.place())
        self.data = os.path.realpath(h.place())
        for name in ("a", "b/c", "d/e", "f.txt", "g.txt"):
            h.put(self.data, name, name)

    def put(self, name, text):
        return h.put(self.box, name, HEAD + text.replace("DATA", self.data))

    def policy(self, *args):
        run = h.finished([h.PROCTOR, "policy", *args], None, None, b"", None, 30, {})
        return run.status, run.out.decode(), run.err.decode()

    def decided(self, file, name, how="--read"):
        return self.policy("test", file, how, f"{self.data}/{name}")[1].split()[0]


def layers(b):
    b.put("base.yaml", "extends: builtin:python\nread: [DATA/a, DATA/b]\nhide: [DATA/d]\non_deny: kill\nnever: [DATA/g.txt]\n"
          "limits: {cpu: 9s, wall: 20s}\nlog: {max: 1MiB}\n")
    b.put("site.yaml", "read: [DATA/d, DATA/f.txt]\non_deny: errno:EPERM\nlimits: {cpu: 8s}\n")
    top = b.put("top.yaml", "extends: [./base.yaml, site.yaml]\nhide: [DATA/a]\nlimits: {memory: 1GiB}\n")
    shown = b.policy("show", top)[1]
    h.equal("what the policies below grant is granted", b.decided(top, "b/c"), "allow")
    h.equal("the policy itself comes before one that it extends, on the same path", b.decided(top, "a"), "hide")
    h.equal("of two in a list the later one comes first", b.decided(top, "d/e"), "allow")
    h.check("its settings, too", "on_deny: errno:EPERM" in shown and "cpu: 8s" in shown, shown)
    h.check("and what it does not say stays", "wall: 20s" in shown and "memory: 1GiB" in shown and "max: 1MiB" in shown, shown)
    place = len("read: [, ") + len(b.data + "/a") + 1
    h.check("each rule says which text it is from", f"base.yaml:3:{place}\n" in shown and "site.yaml:2:8" in shown, shown)
    h.check("a rule that another one has the place of is not shown as one", f"hide: [{b.data}/d" not in shown and
            f'"{b.data}/d/**"  # {b.box}/base.yaml' not in shown, shown)
    again = h.put(b.box, "again.yaml", shown)
    h.equal("what is shown decides alike", [b.decided(again, n) for n in ("a", "b/c", "d/e", "f.txt", "g.txt", "none")],
            [b.decided(top, n) for n in ("a", "b/c", "d/e", "f.txt", "g.txt", "none")])
    grants = b.put("grants.yaml", "extends: ./base.yaml\nread: [DATA/g.txt]\n")
    status, _, err = b.policy("check", grants)
    h.check("no layer grants what one below forbids for ever", status == 65 and "grants.yaml:3:8" in err and
            "is under never" in err and "base.yaml:6:9" in err, err)
    wide = b.put("wide.yaml", "extends: ./base.yaml\nread: [DATA]\n")
    h.equal("nor does a wider rule", b.decided(wide, "g.txt"), "kill")
    narrow = b.put("narrow.yaml", "extends: ./writes.yaml\nread: [DATA/b]\n")
    b.put("writes.yaml", "extends: builtin:python\nwrite: [DATA/b]\n")
    h.equal("a later read rule takes writing back", b.decided(narrow, "b/c", "--write"), "deny")
    b.put("one.yaml", "read: [\"DATA/*.txt\"]\n")
    pattern = b.put("pattern.yaml", "extends: [builtin:python, ./one.yaml]\nhide: [\"DATA/*.txt\"]\n")
    h.equal("patterns are layered as paths are", b.decided(pattern, "f.txt"), "hide")
    b.put("left.yaml", "extends: ./one.yaml\n")
    both = b.put("both.yaml", "extends: [./left.yaml, ./pattern.yaml, ./one.yaml]\n")
    h.equal("what several extend is there once, beneath them", b.decided(both, "f.txt"), "hide")
    h.check("a name is the policy's own", "\nname: \"%s\"" % both in b.policy("show", both)[1])


def mistakes(b):
    def error(what, text, *parts):
        status, out, err = b.policy("check", b.put("bad.yaml", text))
        h.check(what, status in (65, 66) and err.count("\n") == 1 and all(p in err for p in parts), status, err)

    b.put("x.yaml", "extends: [./y.yaml]\n")
    b.put("y.yaml", "extends: ./sub/../x.yaml\n")
    os.makedirs(b.box + "/sub", exist_ok=True)
    error("a circle is refused, with its chain", "extends: ./x.yaml\n", "y.yaml:2:10: ", "in a circle: ",
          "/x.yaml -> ", "/y.yaml -> ")
    error("and one of itself alone", "extends: ./bad.yaml\n", "bad.yaml:2:10: ", "bad.yaml -> ")
    for i in range(40):
        b.put(f"deep{i}.yaml", f"extends: ./deep{i + 1}.yaml\n")
    error("more than sixteen deep is an error", "extends: ./deep0.yaml\n", "deep14.yaml:2:10: ", "more than 16 deep")
    error("so is a long list", "extends: [%s]\n" % ", ".join(["./one.yaml"] * 65), "bad.yaml:2:", "more than 64")
    os.mkfifo(b.box + "/fifo")
    error("a FIFO is not waited for", "extends: ./fifo\n", "bad.yaml:2:10: ", "fifo: not a regular file")
    error("a directory is none", "extends: ./sub\n", "bad.yaml:2:10: ", "Is a directory")
    error("a file that is not there is named, where it is asked for", "extends: [builtin:pure, ./gone.yaml]\n", "bad.yaml:2:25: ",
          "/gone.yaml: No such file")
    error("a word is no file", "extends: [gone]\n", "bad.yaml:2:11: ", "extends must be")
    error("a list in a list is none", "extends: [[x]]\n", "bad.yaml:2:11: ", "not a list")
    error("a file whose length is another when it was read is not taken", "extends: /proc/version\n", "changes while it is read")
    b.put("broken.yaml", "read: [x\n")
    error("what is wrong below is said there", "extends: ./broken.yaml\n", "broken.yaml:")
    h.put(b.box, "huge.yaml", HEAD + "#" + "x" * (1 << 19))
    h.put(b.box, "huge2.yaml", HEAD + "extends: ./huge.yaml\n#" + "x" * (1 << 19))
    error("all together they have a mebibyte", "extends: ./huge2.yaml\n", "huge2.yaml:2:10: ", "longer than 1048576 bytes together")
    error("a line of a mebibyte is read to its end", "read: [\"/%s\"]\n" % ("x/" * 524000), "bad.yaml:2:8: ", "too long")
    h.put(b.box, "long.yaml", HEAD + "read: [" + "/x, " * 262000 + "]")
    status, _, err = b.policy("check", b.box + "/long.yaml")
    h.check("so is one of very many rules", status == 65 and err.count("\n") == 1 and "too many entries" in err, err[:300])
    for name in "/dev/zero", b.box + "/fifo":
        status, _, err = b.policy("check", name)
        h.check(f"{os.path.basename(name)} is no policy", status == 65 and "not a regular file" in err, err)


def recorded(b):
    script = h.put(b.box, "a.py", "print(1)\n")
    lower = b.put("lower.yaml", "extends: builtin:pure\n")
    upper = b.put("upper.yaml", "extends: ./lower.yaml\n")
    run = h.proctor([h.PYTHON, script], "-p", upper)
    start = run.records[0]["policy"]
    h.equal("the log has the policy's own text", start["text"], open(upper).read())
    h.equal("and those below", [(e["file"], e["text"]) for e in start["extends"]], [(lower, open(lower).read())])
    h.equal("the hash of what was written is of all of it", start["source_hash"],
            "sha256:" + hashlib.sha256((open(lower).read() + open(upper).read()).encode()).hexdigest())
    inside = b.put("out/base.yaml", "extends: builtin:pure\n")
    over = b.put("over.yaml", "extends: ./out/base.yaml\nwrite: [%s/out]\n" % b.box)
    run = h.proctor([h.PYTHON, script], "-p", over, log=False, verdict=False)
    h.check("a run does not start that could write to a text below", run.status == 64 and inside.encode() in run.err, run)


bench = Bench()
layers(bench)
mistakes(bench)
recorded(bench)
h.finish()
