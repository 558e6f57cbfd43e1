#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--log-version 2: what the Elastic Common Schema wants of each record, all else beneath "proctor", and every reader of
ours takes both versions alike."""
import json
import os
import re

import harness as h
from harness import PROCTOR, PYTHON, check, equal, finish, place, put, title

BASE = place()
PROGRAM = """import os, signal, socket, threading
def load(name):
    with open(name) as file: return file.read()
load("given.txt")
for name in ("/etc/shadow", "../../../etc/gshadow", "absent", b"/srv/\\xff", "x" * 5000):
    try: load(name)
    except OSError: pass
try: socket.socket().connect(("127.0.0.1", 9))
except OSError: pass
os.kill(os.getpid(), 0)
signal.signal(signal.SIGUSR1, lambda *a: None)
os.kill(os.getpid(), signal.SIGUSR1)
t = threading.Thread(target=int); t.start(); t.join()
end = __import__("time").monotonic() + 0.25
while __import__("time").monotonic() < end: sum(range(1000))
os.mkdir("/nowhere")
"""
# What ECS 8.11 has of what is at the top of a record, and our three.
ECS = {
    "": {"v", "kind", "@timestamp", "ecs", "event", "process", "file", "network", "destination", "server", "rule", "proctor", "signature"},
    "ecs": {"version"}, "event": {"sequence", "action", "kind", "category", "type", "outcome", "duration"},
    "file": {"path", "path_b64"}, "network": {"transport", "type"}, "destination": {"address", "ip", "port"}, "rule": {"id", "reference"},
}
# Which types each category expects.
TYPES = {"file": {"access", "change", "creation", "deletion", "info"}, "process": {"access", "change", "end", "info", "start"},
         "network": {"access", "allowed", "connection", "denied", "end", "info", "protocol", "start"}, "intrusion_detection": {"allowed", "denied", "info"}}


def version_1(record):
    """RECORD with proctor's own members where version 1 has them, by another hand than the reader's."""
    own = dict(record.pop("proctor", {}))
    version = own.pop("version", None)
    for name, value in own.items():
        record[name] = {**record[name], **value} if isinstance(record.get(name), dict) and isinstance(value, dict) else value
    if version:
        record["proctor"] = {"version": version}
    record["v"] = 1
    record.pop("ecs", None)
    record.get("rule", {}).pop("reference", None)
    for name in ("kind", "category"):
        record.get("event", {}).pop(name, None)
    if record.get("event", {}).get("type") in (["start"], ["end"]):
        del record["event"]
    elif record["kind"] == "signal":
        del record["event"]["type"]
    return record


def told(*words, stdin=b""):
    run = h.finished([PROCTOR, *words], None, None, stdin, None, 60, {})
    return run.status, run.out, run.err


script = put(BASE, "solve.py", PROGRAM)
put(BASE, "given.txt", "x")
runs = [h.proctor([PYTHON, script], "--log-version", str(v), "--calls", "all", "--stack-for", "all", "--profile", "--cpu", "60s", cwd=BASE) for v in (1, 2)]
with open(runs[1].log_path) as f:
    lines = f.read().splitlines()
records = [json.loads(line) for line in lines]

title("as ECS wants it")
equal("each says its version and ECS's", {(r["v"], r["ecs"]["version"]) for r in records}, {(2, "8.11.0")})
wrong = [(r["kind"], at, set(r[at] if at else r) - names) for r in records for at, names in ECS.items() if (r if not at else r.get(at)) and set(r[at] if at else r) - names]
check("nothing at the top or in its objects that is not ECS's", not wrong, wrong[:5])
events = [r["event"] for r in records if r["kind"] in ("start", "call", "signal", "end")]
check("each event is categorised", all(e["kind"] in ("event", "alert") and e["category"] and e["type"] for e in events), events[:3])
wrong = [e for e in events if not set(e["type"]) <= set().union(*(TYPES[c] for c in e["category"]))]
check("with types that its categories expect", not wrong, wrong[:3])
alerts = [r for r in records if r.get("event", {}).get("kind") == "alert"]
check("violations are alerts", alerts and {id(r) for r in alerts} == {id(r) for r in records if r.get("proctor", {}).get("decision", {}).get("violation")})
check("and say so of the file", any(a["event"]["category"] == ["file", "intrusion_detection"] and a["event"]["type"] == ["access", "denied"] for a in alerts), alerts[:1])

title("the same as version 1")
olds = [version_1(json.loads(line)) for line in lines]
# How many samples there are is a matter of the machine, and with it what a profile can say.
shape = lambda value: {k: shape(v) for k, v in value.items() if k not in ("hottest", "peak")} if isinstance(value, dict) else type(value).__name__
firsts = lambda of: {(r["kind"], r.get("decision", {}).get("action"), r.get("event", {}).get("action")): r for r in reversed(of)}
one, two = firsts(runs[0].records), firsts(olds)
differ = [(key, shape(one[key]), shape(two[key])) for key in one if key in two and key[0] not in ("call", "summary") and shape(one[key]) != shape(two[key])]
check("the members are the same, but where they are", not differ, differ[:1])
calls = lambda of: [(r["event"]["action"], r["event"]["type"], r["event"]["outcome"], r["syscall"]["subject"], r.get("file", {}).get("path"), r["decision"]["action"], r.get("rule"))
                    for r in of if r["kind"] == "call" and r["decision"].get("violation")]
equal("so are refusals", calls(olds), calls(runs[0].records))

title("every reader takes both")
n = sum(r["kind"] != "chain" for r in records)
olds[-1]["records"] = n
old = put(BASE, "old.jsonl", "".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")) + "\n" for r in olds if r["kind"] != "chain"))
new = put(BASE, "new.jsonl", "".join(re.sub(r'"records":\d+', f'"records":{n}', line) + "\n" for line, r in zip(lines, records) if r["kind"] != "chain"))
number = str(next(r["event"]["sequence"] for r in alerts))
for words in (["explain"], ["explain", "--json"], ["explain", "--audience", "student"], ["summary"], ["summary", "--json"], ["summary", "--by", "file", "--outside"],
              ["summary", "--by", "line"], ["learn"], *(["export", "--to", to] for to in "chrome csv ecs folded intoto ocsf otlp sarif speedscope sqlite".split())):
    first, second = told(*words, old), told(*words, new)
    plain = lambda t: (t[0], re.sub(rb'"bytes": ?\d+|"version": ?\d', b"", t[1]).replace(b"old.jsonl", b"new.jsonl"), t[2])
    equal(" ".join(words), plain(second), plain(first))
equal("explain of one record", told("explain", new, number), told("explain", old, number))
equal("diff sees no difference", told("diff", old, new)[0], 0)
page = lambda path: re.sub(r"[0-9a-f]{64}|[0-9.]+\s[KM]iB, whole", "", told("report", path)[1].decode())
differ = [(a, b) for a, b in zip(page(new).splitlines(), page(old).splitlines()) if a != b]
check("report", not differ, [(a[-300:], b[-300:]) for a, b in differ[:2]])
status, out, err = told("verify", runs[1].log_path, runs[1].verdict_path)
check("verify: intact, with its chain", status == 0 and b"intact" in out, out, err)
cut = put(BASE, "cut.jsonl", lines[0][:len(lines[0]) // 2])
equal("a start that is cut is one", told("summary", cut)[0], told("summary", put(BASE, "cut1.jsonl", lines[0].replace('"v":2', '"v":1')[:len(lines[0]) // 2]))[0])

title("misuse, and logs that somebody wrote")
equal("there is no third", h.native([PROCTOR, "run", "--log-version", "3", PYTHON, "-c", "1"]).status, 64)
strange = [{"v": 2, "kind": "start", "proctor": 7}, {"v": 2, "kind": "call", "proctor": {"event": 1, "kind": "end", "v": 9, "proctor": {"proctor": {}}}},
           {"v": 2, "kind": "call", "event": {"sequence": 3}, "proctor": {"event": {"sequence": 2}, "decision": [], "file": None, "version": {}}},
           {"v": 2, "kind": "summary", "proctor": [1]}, {"v": 2, "kind": "stack", "proctor": {"stack": {"id": -1}}}]
path = put(BASE, "strange.jsonl", "".join(json.dumps(r) + "\n" for r in strange))
for words in (["explain"], ["summary"], ["report"], ["export", "--to", "ecs"], ["learn"], ["verify"]):
    check(" ".join(words), told(*words, path)[0] in (0, 1, 65) and b"Sanitizer" not in told(*words, path)[2], told(*words, path))
finish()
