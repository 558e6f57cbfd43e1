#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--label K=V in log and verdict: a name stands once, and only text that JSON can hold is taken."""
import json
import os

from harness import equal, finish, place, proctor, put


def once(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError(f"a name stands twice: {names}")
    return dict(pairs)


script = put(place(), "empty.py", "")
run = proctor([script], "--label", "a=1", "--label", "b=x=y", "--label", "a=2", "--label", "a b=", "--label", "ab=é")
equal("the run is well", run.status, 0)
wanted = {"a": "2", "b": "x=y", "a b": "", "ab": "é"}
for name, path in ("log", run.log_path), ("verdict", run.verdict_path):
    with open(path, encoding="utf-8") as text:
        first = json.loads(text.readline(), object_pairs_hook=once)
    equal(f"of one name the last label counts in the {name}", first["run"]["labels"], wanted)
for bad in (b"no value", b"=nameless", b"a=\xff", b"\xc0\x80=a"):
    equal(f"--label {bad!r} is a usage error", proctor([script], "--label=" + os.fsdecode(bad)).status, 64)
finish()
