#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What policy check says of a policy that cannot be read or would not work, in words that mend it; and that the
log's source_hash is of what was written, whatever the submission is called."""

import hashlib
import sys

sys.dont_write_bytecode = True
import harness as h

HEAD = "version: 1\nextends: builtin:pure\n"
# What is wrong, the text, where, what is said.
BAD = [
    ("%{...} without quotes", HEAD + "read:\n  - %{submission}/data\n", "4:5", ["begins with %", '"%{submission}/data"']),
    ("the same in one line", HEAD + "read: [%{submission}, /x]\n", "3:8", ["begins with %", '"%{submission}"']),
    ("the same behind other characters", HEAD + "name: \u00e9\u00e8\nhide: {\u00e9: %{home}}\n", "4:11", ["begins with %", '"%{home}"']),
    ("a pattern without quotes", HEAD + "read:\n  - *.csv\n", "4:6", ["begins with *", '"*.csv"']),
    ("an alias", HEAD + "read:\n  - *name\n", "4:5", ["aliases", "quoted"]),
    ("@ at the beginning", HEAD + "read: @x\n", "3:7", ["begins with @", '"@x"']),
    ("a tab that indents", HEAD + "read:\n\t- /tmp\n", "4:1", ["tab", "spaces"]),
    ("a tab behind a dash", HEAD + "read:\n  -\t/x\n  - a\n \t- b\n", None, ["tab"]),
    ("a tab in a mapping", HEAD + "limits:\n\tcpu: 1s\n", "4:1", ["tab", "spaces"]),
    ("something else", HEAD + "read: [a\n", None, []),
]


def check_policy(text, box):
    path = h.put(box, "p.yaml", text)
    run = h.finished([h.PROCTOR, "policy", "check", path], None, None, b"", None, 30, {})
    return path, run, run.err.decode(errors="replace")


def sentences(box):
    for what, text, where, parts in BAD:
        path, run, err = check_policy(text, box)
        h.check(
            f"{what}: one error, at its place",
            run.status == 65 and err.startswith(f"{path}:{where or ''}") and err.count("\n") == 1,
            run,
        )
        for part in parts:
            h.check(f"{what}: it says {part!r}", part in err, err)
        h.check(f"{what}: not in libyaml's words", not parts or "token" not in err and "scanning" not in err, err)
    quoted = HEAD + 'read:\n  - "%{submission}/*.csv"\n'
    h.equal("what is suggested is read", (lambda r: (r[1].status, r[2]))(check_policy(quoted, box)), (0, ""))


def interpreter(box):
    path, run, err = check_policy('version: 1\nread: ["/usr/share"]\n', box)
    h.check(
        "a policy that grants no interpreter: a warning",
        run.status == 0 and err.startswith(f"{path}: warning: ") and "extends: builtin:python" in err,
        run,
    )
    for name, text in (
        ("extends: builtin:python", "version: 1\nextends: builtin:python\n"),
        ("extends: builtin:pure", HEAD),
        ("an interpreter granted by hand", 'version: 1\nread: ["/lib64/**", "/usr/**"]\n'),
    ):
        _, run, err = check_policy(text, box)
        h.equal(f"{name}: no warning", (run.status, err), (0, ""))
    _, run, err = check_policy("version: 1\nnever:\n  - nosuchcall\nextends: builtin:pure\n", box)
    h.check("an unknown system call: its line", ":3:5: warning:" in err and "nosuchcall" in err, run)


def hashes(box):
    text = HEAD + "limits: {tasks: 7}\n"
    policy = h.put(box, "p.yaml", text)
    seen = []
    for name in "a/solve.py", "b/other.py":
        run = h.proctor([h.put(box, name, "print(1)\n")], "-p", policy)
        seen.append(run.records[0]["policy"])
    want = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
    h.equal("source_hash is of the text", [s["source_hash"] for s in seen], [want, want])
    h.check("hash is of what it amounts to", seen[0]["hash"] != seen[1]["hash"], seen)


def main():
    box = h.place()
    for part in sentences, interpreter, hashes:
        h.title(part.__name__)
        part(box)
    h.finish()


if __name__ == "__main__":
    main()
