#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""proctor verify: whatever is done to a log, it is told, and where; what proctor wrote is intact."""

import hashlib
import json
import os
import random
import shutil

import harness as h

PROGRAM = "import os\nfor i in range(400):\n    try: open('/nowhere/%d' % i)\n    except OSError: pass\n"
box = h.place()
h.put(box, "solve.py", PROGRAM)
run = h.proctor([h.PYTHON, "solve.py"], cwd=box)
whole = open(run.log_path, "rb").read()
lines = whole.splitlines(True)
kinds = [json.loads(line)["kind"] for line in lines]
chains = [i for i, kind in enumerate(kinds) if kind == "chain"]


def verify(log, verdict=None):
    """(status, the document) of LOG, a path or bytes."""
    path = h.put(box, "try.jsonl", log) if isinstance(log, bytes) else log
    done = h.native([h.PROCTOR, "verify", "--json", path] + ([verdict] if verdict else []))
    try:
        return done.status, json.loads(done.out)
    except ValueError:
        return done.status, {"result": "", "err": done.err.decode()}


def told(what, log, result, status=1, verdict=run.verdict_path):
    got, document = verify(log, verdict)
    h.check(f"{what}: {result}, status {status}", (got, document["result"]) == (status, result), got, document)
    return document


h.title("what proctor wrote")
h.check("chain records on the way, and one right before the end", len(chains) > 3 and kinds[-2:] == ["chain", "end"], kinds[-3:])
h.check(
    "each is the digest of what is before it, as hashlib says",
    all(
        json.loads(lines[i])["chain"]
        == {"bytes": len(p := b"".join(lines[:i])), "records": i, "sha256": hashlib.sha256(p).hexdigest()}
        for i in chains
    ),
)
h.check("they take less than a hundredth", sum(len(lines[i]) for i in chains) * 100 < len(whole) + 100 * len(lines[chains[-1]]))
h.equal("the end record counts them", json.loads(lines[-1])["records"], len(lines))
document = told("with its verdict", whole, "intact", 0)
h.check("by the verdict, all of it", document["by_verdict"] and document["proved_line"] == len(lines), document)
document = told("without", whole, "intact", 0, verdict=None)
h.check("by its chain, but for that itself and the end record", not document["by_verdict"] and document["proved_line"] == len(lines) - 2, document)
done = h.native([h.PROCTOR, "verify", run.log_path])
h.check("the text says what that is worth", b"only a verdict" in done.out, done)
h.equal("standard input", h.native([h.PROCTOR, "verify", "-", run.verdict_path], stdin=whole).status, 0)
for reader in (["explain"], ["summary"], ["export", "--to", "csv"], ["policy", "test", "builtin:pure"]):
    done = h.native([h.PROCTOR, *reader, run.log_path])
    h.check(f"{reader[0]} takes a log with chain records for a whole one", done.status == 0 and b"unknown" not in done.out, done)
for what, words, options in (
    ("of a program that does little", [h.PYTHON, "-c", "print(1)"], []),
    ("of a program that is ended", [h.PYTHON, "-c", "while True: pass"], ["--cpu", "1s"]),
    ("with all calls", [h.PYTHON, "-c", "print(1)"], ["--calls", "all"]),
):
    other = h.proctor(words, *options, cwd=box)
    told("a log " + what, other.log_path, "intact", 0, other.verdict_path)
policy = h.put(box, "drop.yaml", "version: 1\nextends: builtin:pure\nlog: {max: 100KiB, on_full: drop}\n")
full = h.proctor([h.PYTHON, "solve.py"], "-p", policy, cwd=box)
told("a log that was full", full.log_path, "intact", 0, full.verdict_path)
told("by its chain too", full.log_path, "intact", 0, None)
h.check("and it has not grown by the chain", os.path.getsize(full.log_path) < 130 << 10)

h.title("one byte, anywhere")
seed = int.from_bytes(os.urandom(4), "big")
dice = random.Random(seed)
# Each kind of place: within a record, a chain record, a newline, the last line.
places = [dice.randrange(len(whole)) for _ in range(12)]
places += [len(b"".join(lines[: chains[1]])) + 40, len(whole) - 1, len(b"".join(lines[:7])) - 1, len(whole) - len(lines[-1]) + 60]
starts = [0]
for line in lines:
    starts.append(starts[-1] + len(line))
wrong = []
for place in places:
    changed = bytearray(whole)
    changed[place] = changed[place] ^ 1 or 1
    status, document = verify(bytes(changed), run.verdict_path)
    at = next(i for i, start in enumerate(starts) if start > place)  # its line, from 1
    where = document.get("changed", {})
    if place < starts[-2] and place != 0 and document["result"] == "changed":
        fits = where["first_line"] <= at <= where.get("last_line", len(lines))
    else:
        fits = document["result"] in ("changed", "truncated") or place == 0
    if status not in (1, 65) or not fits:
        wrong.append((place, at, status, document))
h.check("is told, and its line is among those named", not wrong, f"seed {seed}", wrong)
document = told("a path", whole.replace(b"/nowhere/200", b"/nowhere/2OO"), "changed")
line = next(i + 1 for i, text in enumerate(lines) if b"/nowhere/200" in text)
before = max(i for i in chains if i < line) + 1
h.equal(
    "it names the stretch between two chain records",
    (document["changed"]["first_line"], document["changed"]["last_line"]),
    (before, next(i for i in chains if i >= line) + 1),
)
sequences = [json.loads(text)["event"]["sequence"] for text in lines[before : document["changed"]["last_line"] - 1]]
h.equal("and its records", (document["changed"]["first"], document["changed"]["last"]), (sequences[0], sequences[-1]))

h.title("lines")
at = chains[2] + 5
told("one taken away", b"".join(lines[:at] + lines[at + 1 :]), "changed")
told("one twice", b"".join(lines[:at] + [lines[at]] + lines[at:]), "changed")
told("two exchanged", b"".join(lines[:at] + [lines[at + 1], lines[at]] + lines[at + 2 :]), "changed")
told("one more at the end", whole + lines[at], "changed")
told("one more at the end, no verdict", whole + lines[at], "changed", verdict=None)
told("all but the chain records", b"".join(line for line, kind in zip(lines, kinds) if kind != "chain"), "changed")
document = told("cut behind a line", b"".join(lines[:at]), "truncated")
h.equal("up to where it is proved", document["proved_line"], chains[2])
h.equal("and the last that is there", document["last"], json.loads(lines[at - 1])["event"]["sequence"])
told("cut in a line", b"".join(lines[:at]) + lines[at][:9], "truncated")
told("cut, no verdict", b"".join(lines[:at]), "truncated", verdict=None)
told("cut and changed before", b"".join(lines[:at]).replace(b"/nowhere/1\"", b"/nowhere/7\""), "changed")
document = told("changed behind the last chain record", whole[:-2] + b" }\n", "changed")
h.check("which is told", "end record" in document["message"], document)


def made_anew(text):
    """TEXT with every chain record right again."""
    out = b""
    for i, line in enumerate(text.splitlines(True)):
        record = json.loads(line)
        if record["kind"] == "chain":
            record["chain"] = {"bytes": len(out), "records": i, "sha256": hashlib.sha256(out).hexdigest()}
            line = json.dumps(record, separators=(",", ":")).encode() + b"\n"
        out += line
    return out


forged = made_anew(whole.replace(b"/nowhere/200", b"/nowhere/2OO"))
told("changed, and its chain made anew, no verdict", forged, "intact", 0, None)
document = told("with the verdict", forged, "changed")
h.check("it says what that may be", "anew" in document["message"], document)

h.title("what there is to verify by")
second = h.proctor([h.PYTHON, "solve.py"], cwd=box)
document = told("the verdict of another run", whole, "changed", verdict=second.verdict_path)
h.check("is told as that", document["other_run"] and "another run" in document["message"], document)
plain = h.proctor([h.PYTHON, "solve.py"], cwd=box, verdict=False)
h.check("without a verdict no chain is made", plain.last("chain") is None)
told("a log without chain and verdict", plain.log_path, "unproved", 65, None)
h.equal("a verdict that is none", verify(whole, h.put(box, "no.json", "{}"))[0], 65)
h.equal("a verdict that is no JSON", verify(whole, run.log_path)[0], 65)
h.equal("no verdict there", verify(whole, os.path.join(box, "absent"))[0], 66)
h.equal("no log there", verify(os.path.join(box, "absent"), run.verdict_path)[0], 66)
h.equal("no log", verify(os.path.join(box, "solve.py"))[0], 65)
h.equal("no arguments", h.native([h.PROCTOR, "verify"]).status, 64)


h.put(box, "many.py", PROGRAM.replace("400", "6000"))
lost = h.proctor([h.PYTHON, "many.py"], cwd=box, preexec_fn=h.small_disk)
status, document = verify(lost.log_path, lost.verdict_path)
h.check("a disk that filled up: no more is claimed than is proved", document["result"] in ("truncated", "intact") and lost.status == 74, document)

openssl = shutil.which("openssl")
if not openssl:
    h.skip("a signed verdict", "openssl is not installed")
else:
    h.title("a signed verdict, as the manual page shows it")
    ssl = lambda *words: h.native([openssl, *words], cwd=box).status
    shutil.copy(run.verdict_path, os.path.join(box, "verdict.json"))
    made = [
        ssl("genpkey", "-algorithm", "ed25519", "-out", "judge.key"),
        ssl("pkey", "-in", "judge.key", "-pubout", "-out", "judge.pub"),
        ssl("pkeyutl", "-sign", "-rawin", "-inkey", "judge.key", "-in", "verdict.json", "-out", "verdict.sig"),
    ]
    if any(made):
        h.skip("a signed verdict", "this openssl does not sign with Ed25519")
    else:
        check = ("pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "judge.pub", "-in", "verdict.json", "-sigfile", "verdict.sig")
        h.equal("is good", ssl(*check), 0)
        with open(os.path.join(box, "verdict.json"), "a") as out:
            out.write(" ")
        h.check("is not when it was changed", ssl(*check) != 0)

h.finish()
