#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""proctor verify: whatever is done to a log, it is told, and where; what proctor wrote is intact."""

import base64
import hashlib
import json
import os
import random
import shutil
import subprocess

import harness as h
from schema import offences

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

# Ed25519 as RFC 8032, section 5.1, has it: the second opinion.
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):
    x, y, u, v = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P, 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, k = y - x, v - u, v + u, y + x
    return e * f % P, g * k % P, f * g % P, e * k % P


def times(n, point):
    result = (0, 1, 1, 0)
    while n:
        if n & 1:
            result = add(result, point)
        point, n = add(point, point), n >> 1
    return result


def expand(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    assert (x * x - square) % P == 0
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def compress(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = expand((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def sha512(data):
    return int.from_bytes(hashlib.sha512(data).digest(), "little")


def secret(seed):
    digest = hashlib.sha512(seed).digest()
    return int.from_bytes(digest[:32], "little") & (1 << 254) - 8 | 1 << 254, digest[32:]


def public(seed):
    return compress(times(secret(seed)[0], BASE))


def sign(seed, message):
    a, prefix = secret(seed)
    r = sha512(prefix + message) % L
    point = compress(times(r, BASE))
    return point + ((r + sha512(point + public(seed) + message) % L * a) % L).to_bytes(32, "little")


def holds(key, message, signature):
    left = times(int.from_bytes(signature[32:], "little"), BASE)
    right = add(expand(signature[:32]), times(sha512(signature[:32] + key + message) % L, expand(key)))
    return compress(left) == compress(right)


def pem(kind, data):
    return f"-----BEGIN {kind} KEY-----\n{base64.b64encode(data).decode()}\n-----END {kind} KEY-----\n"


def keys(name, seed):
    private = h.put(keyring, name + ".key", pem("PRIVATE", bytes.fromhex("302e020100300506032b657004220420") + seed))
    os.chmod(private, 0o600)
    return private, h.put(keyring, name + ".pub", pem("PUBLIC", bytes.fromhex("302a300506032b6570032100") + public(seed)))


def signed(text, what, seed):
    """TEXT, without a signature, with one by SEED, as whoever has that key could make it."""
    body = text.rstrip(b"\n")[:-1]
    signature = sign(seed, b"proctor %s 1\n%s\n" % (what, hashlib.sha256(body).hexdigest().encode()))
    return body + b',"signature":{"key":"%s","ed25519":"%s"}}\n' % (public(seed).hex().encode(), signature.hex().encode())


def unsigned(text):
    return text[: text.rindex(b',"signature":{')] + b"}\n"


def by(key, log, verdict=None):
    path = h.put(box, "try.jsonl", log)
    other = [h.put(box, "try.json", verdict)] if verdict else []
    done = h.native([h.PROCTOR, "verify", "--json", "--key", key, path] + other)
    return done.status, json.loads(done.out) if done.out else done.err


def expect(what, got, result, status=1):
    h.check(f"{what}: {result}", (got[0], got[1]["result"]) == (status, result), got)


h.title("signatures")
keyring = h.place()
mine, theirs = hashlib.sha256(b"mine").digest(), hashlib.sha256(b"theirs").digest()
private, pub = keys("mine", mine)
_, their_pub = keys("theirs", theirs)
run = h.proctor([h.PYTHON, "solve.py"], "--sign", private, cwd=box)
whole, verdict = open(run.log_path, "rb").read(), open(run.verdict_path, "rb").read()
found = run.records[-1]["signature"]
at = whole.rindex(b',"signature":{')
statement = b"proctor log 1\n%s\n" % hashlib.sha256(whole[:at]).hexdigest().encode()
h.check("a log's is of all before it, by RFC 8032", found["key"] == public(mine).hex() and holds(public(mine), statement, bytes.fromhex(found["ed25519"])), found)
h.equal("and the very one that it gives", found["ed25519"], sign(mine, statement).hex())
found = run.verdict["signature"]
at = verdict.rindex(b',"signature":{')
statement = b"proctor verdict 1\n%s\n" % hashlib.sha256(verdict[:at]).hexdigest().encode()
h.check("a verdict's likewise", holds(public(mine), statement, bytes.fromhex(found["ed25519"])), found)
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../doc/verdict.schema.json")) as file:
    h.equal("it is as its schema says", offences(run.verdict, json.load(file)), [])
got = by(pub, whole)
expect("the log alone, by the key", got, "intact", 0)
h.check("all of it, and whose it is", got[1]["proved_line"] == got[1]["lines"] and got[1]["signed_by"] == pub, got)
expect("with its verdict", by(pub, whole, verdict), "intact", 0)
expect("by another key", by(their_pub, whole), "unsigned")
expect("likewise the verdict", by(their_pub, whole, verdict), "unsigned")
done = h.native([h.PROCTOR, "verify", "-k", their_pub, "-k", pub, run.log_path])
h.check("one of several keys", done.status == 0 and b"signed by the key of " + pub.encode() in done.out, done)
done = h.native([h.PROCTOR, "verify", run.log_path])
h.check("without a key nobody vouches, and that is said", done.status == 0 and b"which --key would check" in done.out and b"signed by the key of" not in done.out, done)
plain = h.proctor([h.PYTHON, "solve.py"], cwd=box)
bare, bare_verdict = open(plain.log_path, "rb").read(), open(plain.verdict_path, "rb").read()
expect("a log that nobody signed", by(pub, bare), "unsigned")
expect("with a verdict that nobody signed", by(pub, bare, bare_verdict), "unsigned")

h.title("what whoever can write the log can do")
lie = whole.replace(b"/nowhere/200", b"/nowhere/2OO")
expect("change it", by(pub, lie), "changed")
got = by(pub, made_anew(lie))
expect("and make its chain anew", got, "changed")
h.check("of which is said that it is the signature", "signature is not of these bytes" in got[1]["message"], got)
ended = whole.replace(b'"status":"OK"', b'"status":"PV"')
expect("change its end record alone", by(pub, ended), "changed")
expect("take the signature away", by(pub, unsigned(whole)), "unsigned")
body = made_anew(unsigned(lie))
expect("sign it himself", by(pub, signed(body, b"log", theirs)), "unsigned")
other_key = signed(body, b"log", theirs).replace(public(theirs).hex().encode(), public(mine).hex().encode())
expect("and say that it is by the other key", by(pub, other_key), "changed")
expect("cut it", by(pub, b"".join(whole.splitlines(True)[:-1])), "truncated")
expect("write behind it", by(pub, whole + b"{}\n"), "changed")
expect("one more end", by(pub, whole + whole.splitlines(True)[-1]), "changed")
expect("put a verdict's signature there", by(pub, unsigned(whole)[:-2] + verdict[verdict.rindex(b',"signature":{') :]), "changed")
second = h.proctor([h.PYTHON, "-c", "print(1)"], "--sign", private, cwd=box)
swapped, swapped_verdict = open(second.log_path, "rb").read(), open(second.verdict_path, "rb").read()
expect("give another run's verdict, signed too", by(pub, whole, swapped_verdict), "changed")
expect("or its log", by(pub, swapped, verdict), "changed")
expect("a verdict that is better than it was", by(pub, whole, verdict.replace(b'"violations":400', b'"violations":0')), "changed")
expect("or that he signed", by(pub, whole, signed(unsigned(verdict), b"verdict", theirs)), "unsigned")
expect("or one of a log's signature", by(pub, whole, unsigned(verdict)[:-2] + whole[whole.rindex(b',"signature":{') :]), "changed")

h.title("a key")
logs = h.place()


def refused(what, words, *options, **popen):
    log = os.path.join(logs, "never.jsonl")
    done = h.native([h.PROCTOR, "run", "--sign", *options, "-o", log, "solve.py"], cwd=box, **popen)
    h.check(what, done.status == 64 and words in done.err and not os.path.exists(log) and not done.out, done)


for mode in 0o640, 0o604, 0o620:
    os.chmod(private, mode)
    refused(f"that others have, {mode:o}, is refused", b"others may read", private)
os.chmod(private, 0o600)
os.link(private, private + "2")
refused("that has another name", b"another name", private)
os.unlink(private + "2")
refused("that is none", b"Ed25519", h.put(keyring, "none.key", "hello") if not os.chmod(h.put(keyring, "none.key", "hello"), 0o600) else "")
refused("a public one", b"Ed25519", pub if not os.chmod(pub, 0o600) else "")
refused("that is not there", b"No such file", private + "x")
refused("a directory", b"not a regular file", keyring)
refused("a device", b"not a regular file", "/dev/zero")
refused("that a rule lets the program read", b"would let the program have the key", private, "-r", private)
refused("or its directory", b"would let the program have the key", private, "-r", keyring)
refused("or write it", b"would let the program have the key", private, "-w", keyring)
os.symlink(private, os.path.join(box, "link.key"))
refused("by a link elsewhere, as well", b"would let the program have the key", os.path.join(box, "link.key"), "-r", keyring)
inside = h.put(box, "inside.key", open(private).read())
os.chmod(inside, 0o600)
refused("that lies beside the program", b"would let the program have the key", inside)
refused("in audit mode", b"audit", private, "--mode", "audit")
done = h.native([h.PROCTOR, "run", "--sign", private, "solve.py"], cwd=box)
h.check("with nothing to sign", done.status == 64 and b"nothing to sign" in done.err, done)
for wrong in private, os.path.join(keyring, "absent"), "/dev/null":
    h.equal("no public key: " + os.path.basename(wrong), h.native([h.PROCTOR, "verify", "-k", wrong, run.log_path]).status, 66)
thief = h.put(box, "thief.py", "import glob\nfor name in (%r, %r):\n    try: print(open(name).read())\n    except OSError as e: print(e.errno)\ninput()\n" % (private, "/proc/self/../%s/mem"))
log = os.path.join(keyring, "thief.jsonl")
program = subprocess.Popen([h.PROCTOR, "run", "-q", "--sign", private, "-o", log, thief], cwd=box, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=h.clean_env())
said = program.stdout.readline()
flags = [line.split()[1:] for line in open(f"/proc/{program.pid}/smaps") if line.startswith("VmFlags:")]
h.check("the program cannot read it", said == b"13\n", said)
h.check("it lies where no child inherits it and no core holds it", any("dc" in f and "dd" in f for f in flags), flags[:3])
h.check("and its file is not held open", private not in [os.path.realpath(f"/proc/{program.pid}/fd/{n}") for n in os.listdir(f"/proc/{program.pid}/fd")])
program.communicate(b"\n")
out = os.path.join(keyring, "out")
jobs = h.put(keyring, "jobs.jsonl", json.dumps({"id": "one", "argv": [h.PYTHON, "-c", "print(1)"]}) + "\n")
done = h.native([h.PROCTOR, "batch", "-q", "--sign", private, "-o", out, jobs], cwd=box)
expect("a batch signs each", by(pub, open(out + "/runs/one/log.jsonl", "rb").read(), open(out + "/runs/one/verdict.json", "rb").read()), "intact", 0)

openssl = shutil.which("openssl")
if not openssl:
    h.skip("a key that openssl made", "openssl is not installed")
elif h.native([openssl, "genpkey", "-algorithm", "ed25519", "-out", "judge.key"], cwd=keyring).status:
    h.skip("a key that openssl made", "this openssl makes no Ed25519 keys")
else:
    h.title("a key that openssl made, as the manual page shows it")
    os.chmod(keyring + "/judge.key", 0o600)
    h.native([openssl, "pkey", "-in", "judge.key", "-pubout", "-out", "judge.pub"], cwd=keyring)
    run = h.proctor([h.PYTHON, "solve.py"], "--sign", keyring + "/judge.key", cwd=box)
    whole = open(run.log_path, "rb").read()
    expect("signs", by(keyring + "/judge.pub", whole, open(run.verdict_path, "rb").read()), "intact", 0)
    h.put(keyring, "statement", b"proctor log 1\n%s\n" % hashlib.sha256(whole[: whole.rindex(b',"signature":{')]).hexdigest().encode())
    h.put(keyring, "signature", bytes.fromhex(run.records[-1]["signature"]["ed25519"]))
    check = ("pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "judge.pub", "-in", "statement", "-sigfile", "signature")
    h.equal("and openssl says so too", h.native([openssl, *check], cwd=keyring).status, 0)

h.finish()
