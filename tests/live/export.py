#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""proctor export: each format of a real run, of hostile names and of broken logs, read by what is not ours:
csv, json, sqlite3, jsonschema with what the formats' own schemas demand (export.schemas.json). Bounded memory,
whatever the log."""

import base64
import copy
import csv
import glob
import io
import json
import os
import re
import subprocess

import harness as h
import schema

FORMATS = "chrome csv ecs folded intoto ocsf otlp sarif speedscope sqlite".split()
# What each of these would do to a reader that is not careful.
NAMES = [
    b"=cmd|' /C calc'!A0",
    b"+1",
    b"-1+2",
    b"@SUM(1)",
    b"'quoted",
    b"a,b\"c",
    b"'); DROP TABLE call; --",
    b".shell id",
    b"\n.shell id",
    b"</script><script>",
    b"a;b 7\nc 9",
    b"not-utf8-\xff\xfe",
    b"tab\tcr\r",
    "\u202eevil\u2028".encode(),
]
PROGRAM = """import os
def load(name):
    return open(name, "rb").read()
NAMES = %r
for name in NAMES:
    for place in b"", b"/nowhere/":
        try: load(place + name)
        except OSError: pass
for name in ("/etc/shadow", "/etc/shadow", "given.txt"):
    try: load(name)
    except OSError: pass
os.kill(os.getpid(), 0)
"""


def export(to, *logs, options=(), status=0, **popen):
    run = h.native([h.PROCTOR, "export", "--to", to, *options, *logs], **popen)
    h.check(f"{to}: status {status}", run.status == status, run)
    return run.out


def lines(data):
    return [json.loads(line) for line in data.splitlines()]


def cells(data):
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def text_of(name):
    return name.decode("utf-8", "replace")


h.title("a real run")
box = h.place()
script = h.put(box, "solve.py", PROGRAM % (NAMES,))
h.put(box, "given.txt", "x")
run = h.proctor([h.PYTHON, "solve.py"], "--stack-for", "all", "--id", "s-1", "--label", "k=v", cwd=box)
log = run.log_path
calls = run.calls()
refused = run.refused()
h.check("the run refused what it should", len(refused) > len(NAMES) and run.status == 0, run)
outputs = {to: export(to, log) for to in FORMATS}
h.check(
    "the same log gives the same bytes",
    all(export(to, log) == out for to, out in outputs.items()),
)

h.title("csv, read by python's csv")
rows = cells(outputs["csv"])
h.equal("a row for each call and signal", len(rows), len(calls) + sum(r["kind"] == "signal" for r in run.records))
h.check("in the order of the log", [int(r["sequence"]) for r in rows] == sorted(int(r["sequence"]) for r in rows))
h.check(
    "no text begins as a formula does",
    not [c for r in rows for k, c in r.items() if c[:1] in tuple("=+-@\t\r") and not re.fullmatch(r"-?\d+", c)],
)
by_seq = {r["event"]["sequence"]: r for r in calls}


def unprefixed(text):
    return text[1:] if text.startswith("'") else text


h.check(
    "without the apostrophe every text is the log's",
    all(
        unprefixed(r["path"]) == by_seq[int(r["sequence"])].get("file", {}).get("path", "")
        and unprefixed(r["args"]) == ", ".join(by_seq[int(r["sequence"])]["syscall"]["args"])
        for r in rows
        if r["kind"] == "call"
    ),
)
h.check(
    "proctor's own part of the time is the log's",
    all(
        int(r["broker_ns"]) == by_seq[int(r["sequence"])]["event"]["broker_ns"] <= int(r["duration_ns"])
        for r in rows
        if r["kind"] == "call"
    ),
)
older = h.put(box, "older.jsonl", re.sub(rb',"broker_ns":\d+', b"", open(log, "rb").read()))
h.equal("and empty where an older log has none", {r["broker_ns"] for r in cells(export("csv", older))}, {""})
odd = [r for r in rows if r["path_b64"]]
h.check(
    "a path that is not UTF-8 has its bytes",
    odd and all(base64.b64decode(r["path_b64"]).endswith(NAMES[11]) for r in odd),
    odd,
)
raw = cells(export("csv", log, options=["--raw"]))
h.check("--raw: texts as they are", not [r for r in raw if r["args"].startswith("'")], raw[0])

h.title("sqlite, read by SQLite")
try:
    import sqlite3
except ImportError:
    h.skip("SQL", "this python has no sqlite3")
else:
    database = sqlite3.connect(":memory:")
    for _ in range(2):
        database.executescript(outputs["sqlite"].decode())

    def ask(query):
        return database.execute(query).fetchall()

    h.equal("every call once, though it was read twice", ask("select count(*) from call"), [(len(calls),)])
    h.equal("the run", ask("select submission,status,violations,complete from run"), [("s-1", "OK", len(refused), 1)])
    h.equal(
        "proctor's own part of the time",
        ask("select sum(broker_ns) from call"),
        [(sum(r["event"]["broker_ns"] for r in calls),)],
    )
    h.equal("its label", ask("select k,v from label"), [("k", "v")])
    h.equal("why", sorted(ask("select seq from why")), sorted((r["event"]["sequence"],) for r in refused))
    found = {p if isinstance(p, bytes) else p.encode() for (p,) in ask("select path from refusal where path is not null")}
    h.check("hostile names as they are", all(b"/nowhere/" + n in found for n in NAMES if b"/" not in n), found)
    h.equal("no table is gone", len(ask("select name from sqlite_master where type='table'")), 9)
    h.check("frames", ask("select count(*) from frame where func='load'")[0][0] >= len(refused))
    h.check("times", ask("select min(ts_ns) from call")[0][0] > 10**18)
program = next((p for p in ("/usr/bin/sqlite3", "/usr/local/bin/sqlite3") if os.path.exists(p)), None)
if program:
    base = os.path.join(box, "x.db")
    done = h.native([program, "-bail", base], stdin=outputs["sqlite"], cwd=box)
    h.check("sqlite3 takes it without a word", done.status == 0 and not done.err and not done.out, done)
    done = h.native([program, base, "select count(*) from call"])
    h.equal("sqlite3 counts them too", done.out.strip(), b"%d" % len(calls))
    done = h.native([program, os.path.join(box, "y.db")], stdin=outputs["sqlite"][: len(outputs["sqlite"]) // 2])
    done = h.native([program, os.path.join(box, "y.db"), "select name from sqlite_master"])
    h.equal("half of it leaves nothing", done.out, b"")
else:
    h.skip("sqlite3(1)", "is not installed")

h.title("chrome")
trace = json.loads(outputs["chrome"])
slices = [e for e in trace["traceEvents"] if e["ph"] == "X"]
h.equal("a slice for each call", len(slices), len(calls))
h.check(
    "what Perfetto needs of each event",
    all(
        isinstance(e["pid"], int) and isinstance(e["tid"], int) and isinstance(e["name"], str)
        and e["ph"] in "XiMC" and (e["ph"] == "M" or isinstance(e["ts"], (int, float)))
        and (e["ph"] != "X" or e["dur"] >= 0) and (e["ph"] != "i" or e["s"] in "tpg")
        for e in trace["traceEvents"]
    ),
)
ends = {}
nested = True
for e in sorted(slices, key=lambda e: (e["tid"], e["ts"])):
    nested &= e["ts"] >= ends.get(e["tid"], 0) - 0.001
    ends[e["tid"]] = e["ts"] + e["dur"]
h.check("slices of one thread do not overlap", nested)
h.equal(
    "an instant for each call refused or hidden",
    sum(e["ph"] == "i" and "refused" in e["cat"] for e in trace["traceEvents"]),
    sum(r["decision"]["action"] in ("deny", "hide", "kill") for r in calls),
)
first = next(r for r in run.records if r["kind"] == "start")["@timestamp"]
h.check("times are of the run", 0 <= slices[0]["ts"] < 60e6, slices[0], first)

h.title("speedscope and folded")
scope = json.loads(outputs["speedscope"])
frames = scope["shared"]["frames"]
h.check("its schema's members", scope["$schema"].endswith("file-format-schema.json") and all("name" in f for f in frames))
h.check(
    "samples and weights go together, and name frames that there are",
    all(
        p["type"] == "sampled" and len(p["samples"]) == len(p["weights"]) and p["endValue"] == sum(p["weights"])
        and p["unit"] in ("none", "nanoseconds") and all(0 <= i < len(frames) for s in p["samples"] for i in s)
        for p in scope["profiles"]
    ),
)
h.equal("every call is counted", sum(scope["profiles"][1]["weights"]), len(calls))
h.equal("every nanosecond", sum(scope["profiles"][0]["weights"]), sum(r["event"]["duration"] for r in calls))
stacks = [[frames[i]["name"] for i in s] for s in scope["profiles"][2]["samples"]]
h.check("outermost first, the call last", any(s[-3:] == ["<module>", "load", "openat"] for s in stacks), stacks[-3:])
folded = outputs["folded"].decode().splitlines()
h.check("folded: frames, a space, a count", all(re.fullmatch(r"[^;]+(;[^;]+)* \d+", line) for line in folded), folded)
h.equal("folded counts every call", sum(int(line.rpartition(" ")[2]) for line in folded), len(calls))
times = export("folded", log, options=["--weight", "time"]).decode().splitlines()
h.equal("--weight time", sum(int(line.rpartition(" ")[2]) for line in times), sum(r["event"]["duration"] for r in calls))

h.title("ecs")
CATEGORY = {
    "file": {"access", "change", "creation", "deletion", "info"},
    "process": {"access", "change", "end", "info", "start"},
    "intrusion_detection": {"allowed", "denied", "info"},
}
OWN = {"@timestamp", "ecs", "event", "process", "file", "rule", "host", "labels", "error", "proctor"}
documents = lines(outputs["ecs"])
h.equal("a document for each record of the run", len(documents), sum(r["kind"] not in ("chain", "stack") for r in run.records))
h.check(
    "the four fields of categories have the values that ECS allows",
    all(
        d["ecs"]["version"] and d["event"]["kind"] in ("event", "alert", "metric")
        and all(any(t in CATEGORY[c] for c in d["event"]["category"]) for t in d["event"]["type"])
        and d["event"].get("outcome", "unknown") in ("success", "failure", "unknown")
        for d in documents
    ),
)
h.check("nothing of our own outside proctor", all(set(d) <= OWN for d in documents), set().union(*documents) - OWN)
h.check("no name holds a dot", not re.search(r'"[a-z_]+\.[a-z_.]+":', outputs["ecs"].decode().replace('\\"', "")))
h.equal("alerts", sum(d["event"]["kind"] == "alert" for d in documents), len(refused))
h.check("labels are flat texts", documents[0]["labels"] == {"k": "v"}, documents[0])

h.title("ocsf")
events = lines(outputs["ocsf"])
h.check(
    "what each class requires",
    all(
        e["category_uid"] == 1 and e["class_uid"] in (1001, 1003, 1007)
        and e["type_uid"] == e["class_uid"] * 100 + e["activity_id"] and e["severity_id"] in range(7)
        and isinstance(e["time"], int) and 10**12 < e["time"] < 10**13
        and e["metadata"]["version"] and e["metadata"]["product"]["name"] == "proctor"
        and isinstance(e["actor"]["process"]["pid"], int) and isinstance(e["device"]["type_id"], int)
        and {1001: "file", 1003: "kernel", 1007: "process"}[e["class_uid"]] in e
        for e in events
    ),
)
h.check("files have name, type and path", all(
    e["file"]["name"] and e["file"]["type_id"] == 0 and e["file"]["path"] for e in events if e["class_uid"] == 1001
))
h.equal("blocked", sum(e.get("disposition_id") == 2 and e["is_alert"] for e in events), len(refused))
h.check("the first is a launch, the last a termination", events[0]["type_uid"] == 100701 and events[-1]["type_uid"] == 100702)

h.title("otlp")
spans = [s for d in lines(outputs["otlp"]) for r in d["resourceSpans"] for o in r["scopeSpans"] for s in o["spans"]]
roots = [s for s in spans if "parentSpanId" not in s]
h.equal("one root, a span for each violation", (len(roots), len(spans)), (1, len(refused) + 1))
h.check(
    "ids, times and kinds as OTLP/JSON has them",
    all(
        re.fullmatch("[0-9a-f]{32}", s["traceId"]) and re.fullmatch("[0-9a-f]{16}", s["spanId"])
        and s.get("parentSpanId", roots[0]["spanId"]) == roots[0]["spanId"] and s["kind"] == 1
        and re.fullmatch(r"\d+", s["startTimeUnixNano"]) and int(s["endTimeUnixNano"]) >= int(s["startTimeUnixNano"])
        and s["status"]["code"] in (0, 1, 2)
        for s in spans
    ),
)
h.equal("ids are unlike", len({s["spanId"] for s in spans}), len(spans))
h.check("one trace, the run's 128 bits", len({s["traceId"] for s in spans}) == 1)
h.check(
    "attributes are typed, 64 bits as texts",
    all(
        len(a["value"]) == 1 and (k := next(iter(a["value"]))) in ("stringValue", "intValue", "boolValue")
        and (k != "intValue" or re.fullmatch(r"-?\d+", a["value"][k]))
        for s in spans
        for a in s["attributes"]
    ),
)

h.title("sarif")
sarif = json.loads(outputs["sarif"])
results = sarif["runs"][0]["results"]
rules = {r["id"] for r in sarif["runs"][0]["tool"]["driver"]["rules"]}
h.check(
    "what the schema and code viewers require",
    sarif["version"] == "2.1.0"
    and all(
        r["ruleId"] in rules and r["level"] in ("error", "warning") and r["message"]["text"]
        and r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "solve.py"
        and r["locations"][0]["physicalLocation"]["region"]["startLine"] == 3
        for r in results
    ),
    results[:2],
)
h.equal("alike refusals are one", sum(r["occurrenceCount"] for r in results), len(refused))
h.check("so there are fewer", len(results) < len(refused))
h.check("messages hold no control character", not re.search(r"[\x00-\x1f\u202e]", "".join(r["message"]["text"] for r in results)))

h.title("intoto")
(statement,) = lines(outputs["intoto"])
predicate = statement["predicate"]
h.check(
    "what in-toto requires",
    statement["_type"] == "https://in-toto.io/Statement/v1"
    and statement["predicateType"] == "https://in-toto.io/attestation/runtime-trace/v0.2"
    and re.fullmatch("[0-9a-f]{64}", statement["subject"][0]["digest"]["sha256"])
    and ":" in predicate["monitor"]["type"] and ":" in predicate["monitoredProcess"]["hostID"]
    and ":" in predicate["monitoredProcess"]["type"] and predicate["monitoredProcess"]["event"],
    statement["subject"],
)
uris = [f["uri"] for f in predicate["monitorLog"]["fileAccess"]]
h.check("what it opened, once", "file://" + box + "/given.txt" in uris and len(set(uris)) == len(uris))
h.check("not what it was refused", not any("shadow" in u for u in uris))
h.equal("the refusals", len(predicate["monitorLog"]["process"][0]["refusals"]), len(refused))
out = export("intoto", log, options=["--host-id", "https://judge.example/3"])
h.equal("--host-id", lines(out)[0]["predicate"]["monitoredProcess"]["hostID"], "https://judge.example/3")

h.title("what the formats demand, as schemas")
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "export.schemas.json"), encoding="utf-8") as file:
    SHAPES = json.load(file)
documents = {to: lines(out) if to in ("ecs", "ocsf", "otlp", "intoto") else [json.loads(out)] for to, out in outputs.items() if to in SHAPES}
h.equal("every format that is JSON has one", sorted(documents), sorted(set(FORMATS) - {"csv", "folded", "sqlite"}))
# One thing each that a reader of the format would choke on.
WRONG = {
    "chrome": ("traceEvents", -1, "ts", "now"), "speedscope": ("profiles", 0, "unit", "hours"),
    "ecs": ("event", "category", ["call"]), "ocsf": ("metadata", "product", "proctor"),
    "otlp": ("resourceSpans", 0, "scopeSpans", 0, "spans", 0, "spanId", "7"),
    "sarif": ("runs", 0, "results", 0, "locations", 0, "physicalLocation", "region", "startLine", 0),
    "intoto": ("predicate", "monitoredProcess", "hostID", "here"),
}


def spoiled(to):
    document = copy.deepcopy(documents[to][-1])
    *way, name, value = WRONG[to]
    at = document
    for step in way:
        at = at[step]
    at[name] = value
    return document


for to, shape in SHAPES.items():
    told = [o for d in documents[to] for o in schema.offences(d, shape)]
    h.check(f"{to}: each document is as it is to be", documents[to] and not told, told[:3])
    h.check(f"{to}: a wrong one is not", schema.offences(spoiled(to), shape), WRONG[to])
try:
    import jsonschema
except ImportError:
    h.skip("a reader of schemas comes to the same", "python3-jsonschema is not installed")
else:
    for to, shape in SHAPES.items():
        jsonschema.Draft202012Validator.check_schema(shape)
        reader = jsonschema.Draft202012Validator(shape)
        told = [e.message[:200] for d in documents[to] for e in reader.iter_errors(d)]
        h.check(f"{to}: a reader of schemas comes to the same", not told, told[:3])
        h.check(f"{to}: of the wrong one too", list(reader.iter_errors(spoiled(to))), WRONG[to])

h.title("code that takes the name of a place elsewhere")
feint = h.put(
    box,
    "feint.py",
    """import os
def ask(name):
    code = "try: open('/etc/shadow')\\nexcept OSError: pass"
    exec(compile(code, os.path.dirname(os.path.abspath(__file__)) + name, "exec"))
ask("/../etc/x")
ask("/../../../etc/y")
ask("/z.py")
""",
)
elsewhere = h.proctor([h.PYTHON, "feint.py"], cwd=box)
h.equal("it was refused three times", len(elsewhere.refused()), 3)
places = [
    r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    for r in json.loads(export("sarif", elsewhere.log_path))["runs"][0]["results"]
]
h.equal(
    "sarif: only what lies beneath the submission is relative to it",
    sorted(places),
    sorted([f"file://{box}/../etc/x", f"file://{box}/../../../etc/y", "z.py"]),
)
places = {
    e["args"].get("code")
    for e in json.loads(export("chrome", elsewhere.log_path))["traceEvents"]
    if "/etc/shadow" in str(e.get("args"))
}
h.equal("chrome too", places, {f"{box}/../etc/x:1", f"{box}/../../../etc/y:1", "z.py:1"})
(statement,) = lines(export("intoto", elsewhere.log_path))
places = {r["code"] for r in statement["predicate"]["monitorLog"]["process"][0]["refusals"]}
h.equal("intoto too", places, {f"{box}/../etc/x:1", f"{box}/../../../etc/y:1", "z.py:1"})

h.title("what the summary says of a run over time")
odd_path = {"path": "/srv/o\ufffd.py", "path_b64": base64.b64encode(b"/srv/o\xff.py").decode(), "bytes": 1, "sha256": "a" * 64}
module = {"path": os.path.join(box, "z.py"), "bytes": 3, "sha256": "b" * 64}
with open(log) as f:
    told = [json.loads(line) for line in f]
for record in told:
    if record["kind"] == "summary":
        record.update(
            usage={"every_ns": 50000000, "at_ns": [50000000, 100000000], "cpu_ns": [10000000, 50000000], "memory_bytes": [1 << 20, 2 << 20],
                   "output_bytes": [0, 7], "threads": [1, 2]},
            tasks={"list": [{"pid": 7, "thread": 7, "from_ns": 0}, {"pid": 7, "thread": 8, "name": "a'\n</b>", "from_ns": 5, "to_ns": 9, "cpu_ns": 3},
                            {"pid": 9, "thread": 9, "parent": 7, "args": ["cat", "x"], "from_ns": 6}], "left_out": 0},
            modules={"list": [module, odd_path, {**module, "sha256": "c" * 64}, module], "left_out": 0})
course = h.put(box, "course.jsonl", "".join(json.dumps(r) + "\n" for r in told))
events = json.loads(export("chrome", course))["traceEvents"]
counters = {(e["name"], e["ts"]): e["args"][e["name"]] for e in events if e["ph"] == "C"}
h.equal("chrome counts", counters, {("cpu_percent", 50000): 20, ("cpu_percent", 100000): 80, ("memory_bytes", 50000): 1 << 20, ("memory_bytes", 100000): 2 << 20,
                                    ("output_bytes", 50000): 0, ("output_bytes", 100000): 7, ("threads", 50000): 1, ("threads", 100000): 2})
h.equal("and names a thread", [(e["tid"], e["args"]["name"]) for e in events if e["name"] == "thread_name"], [(8, "a'\n</b>")])
(statement,) = lines(export("intoto", course))
files = [(f["name"], f["uri"], f["digest"]["sha256"]) for f in statement["predicate"]["monitorLog"]["fileAccess"] if "digest" in f]
uri = "file://" + box + "/z.py"
h.equal("intoto has the digests, of a module that changed both", files, [
    (module["path"], uri, "b" * 64), ("/srv/o\ufffd.py", "file:///srv/o%FF.py", "a" * 64), (module["path"], uri, "c" * 64)])
if "sqlite3" in globals():
    database = sqlite3.connect(":memory:")
    database.executescript(export("sqlite", course).decode())
    h.equal("sqlite: usage", ask("select at_ns,cpu_ns,memory_bytes,output_bytes,threads from usage"), [(50000000, 10000000, 1 << 20, 0, 1), (100000000, 50000000, 2 << 20, 7, 2)])
    h.equal("tasks", ask("select pid,tid,parent,name,args,cpu_ns from task order by n"), [(7, 7, None, None, None, None), (7, 8, None, "a'\n</b>", None, 3), (9, 9, 7, None, '["cat","x"]', None)])
    h.equal("modules", sorted(map(str, ask("select path,bytes,sha256 from module"))), sorted(map(str, [(module["path"], 3, "b" * 64), (module["path"], 3, "c" * 64), (b"/srv/o\xff.py", 1, "a" * 64)])))
page = export("html", course)
h.check("html is the page of proctor report", page == h.native([h.PROCTOR, "report", course]).out and b"<!DOCTYPE html>" in page)
h.check("of several logs there are several, in a directory", b"-o DIR" in h.native([h.PROCTOR, "export", "--to", "html", log, course]).err)
export("html", log, course, options=["-o", os.path.join(box, "pages")])
h.check("with an index", os.path.exists(os.path.join(box, "pages", "index.html")) and len(os.listdir(os.path.join(box, "pages"))) == 3)

h.title("what a call that names a descriptor is about")
DESCRIPTORS = """import os, threading
fd = os.open("given.txt", os.O_RDONLY)
copy = os.dup(fd); os.close(fd); os.read(copy, 5)
if not os.fork(): os.lseek(copy, 0, 0); os.read(copy, 6); os._exit(0)
os.wait()
out = os.open(b"made-\\xff", os.O_RDWR | os.O_CREAT)
thread = threading.Thread(target=os.write, args=(out, b"y" * 7)); thread.start(); thread.join()
os.sendfile(out, copy, 0, 8)
r, w = os.pipe(); os.write(w, b"z" * 9); os.read(r, 9)
try: os.fchmod(os.open("solve.py", os.O_RDONLY), 0o4600)
except OSError: pass
"""
h.put(box, "given.txt", "x" * 100)
h.put(box, "descriptors.py", DESCRIPTORS)
given, made = os.path.join(box, "given.txt"), os.path.join(box, "made-\ufffd")
followed = h.proctor([h.PYTHON, "descriptors.py"], "--process", "fork", "-w", box, "--calls", "all", "--log-version", "2", cwd=box)
log_of = followed.log_path
rows = cells(export("csv", log_of))
SIZES = {"read": (5, 6, 9), "write": (7, 9), "sendfile": (8,), "fchmod": (100,)}
moved = [(r["action"], r["result"], unprefixed(r["path"]), r["path_by"], unprefixed(r["to_path"])) for r in rows
         if r["path_by"] != "call" and r["result"] in map(str, SIZES.get(r["action"], ())) and not r["path"].startswith("/proc")]
for expected in (("read", "5", given, "descriptor", ""), ("read", "6", given, "descriptor", ""), ("write", "7", made, "descriptor", ""),
                 ("sendfile", "8", given, "descriptor", made), ("read", "9", "", "", ""), ("write", "9", "", "", "")):
    h.check(f"csv: {expected[0]} of {expected[1]} bytes", expected in moved, moved)
(row,) = [r for r in rows if r["action"] == "sendfile"]
h.equal("its bytes", base64.b64decode(row["to_path_b64"]), os.fsencode(box) + b"/made-\xff")
h.check("what a call names itself says so", {r["path_by"] for r in rows if r["action"] == "openat"} == {"call"})
(act,) = [e for e in json.loads(export("chrome", log_of))["traceEvents"] if e["name"] == "sendfile"]
h.equal("chrome", [act["args"].get(k) for k in ("path", "path_by", "to_path")], [given, "descriptor", made])
reads = [d for d in lines(export("ecs", log_of)) if d["event"].get("action") == "read" and d["proctor"]["syscall"].get("ret") == 6]
h.equal("ecs", [(d["file"]["path"], d["event"]["category"], d["event"]["type"], d["proctor"]["path_by"]) for d in reads if "file" in d],
        [(given, ["file"], ["access"], "descriptor")])
h.check("a child has its parent, in csv and ocsf too", all(
    d["process"]["parent"]["pid"] == int(row["pid"]) != d["process"]["pid"] for d in reads if "file" in d)
    and {r["ppid"] for r in rows if r["pid"] != row["pid"]} == {row["pid"]}
    and all(e["actor"]["process"]["parent_process"]["pid"] for e in lines(export("ocsf", log_of)) if e["class_uid"] != 1007))
(event,) = [e for e in lines(export("ocsf", log_of)) if e["unmapped"].get("action") == "sendfile"]
h.equal("ocsf: a read of a file", [event["type_uid"], event["file"]["path"], event["unmapped"]["path_by"], event["unmapped"]["to_path"]],
        [100102, given, "descriptor", made])
if "sqlite3" in globals():
    database = sqlite3.connect(":memory:")
    database.executescript(export("sqlite", log_of).decode())
    h.equal("sqlite", ask("select path,path_by,to_path from call where name='sendfile'"), [(given, "descriptor", os.fsencode(box) + b"/made-\xff")])
solve = os.path.join(box, "solve.py")
(span,) = [s for d in lines(export("otlp", log_of)) for s in d["resourceSpans"][0]["scopeSpans"][0]["spans"] if s["name"] == "fchmod"]
told = {a["key"]: a["value"].get("stringValue") for a in span["attributes"]}
h.equal("otlp: what was refused, without the calls that were not", (told["file.path"], told["proctor.path_by"]), (solve, "descriptor"))
(result,) = [r for r in json.loads(export("sarif", log_of))["runs"][0]["results"] if r["message"]["text"].startswith("fchmod")]
h.equal("sarif", (result["properties"]["path"], result["properties"]["path_by"]), (solve, "descriptor"))
(refusal,) = [r for r in lines(export("intoto", log_of))[0]["predicate"]["monitorLog"]["process"][0]["refusals"] if r["call"] == "fchmod"]
h.equal("intoto", (refusal["path"], refusal["path_by"]), (solve, "descriptor"))
text = open(log_of, "rb").read().splitlines(keepends=True)
gap = next(i for i, line in enumerate(text) if b'"openat"' in line and b"given.txt" in line)
holed = h.put(box, "holed.jsonl", b"".join(text[:gap] + text[gap + 1:]))
h.equal("where a record is missing nothing is guessed from there on", [r for r in cells(export("csv", holed, status=1)) if r["path_by"] == "descriptor"
        and r["action"] != "fchmod"  # whose record has it
        and int(r["sequence"]) > json.loads(text[gap])["event"]["sequence"]], [])
h.check("nor where a log has not every call", not [r for r in cells(outputs["csv"]) if r["path_by"] == "descriptor"])

h.title("several logs")
other = h.proctor([h.PYTHON, "solve.py"], cwd=box)
h.equal("csv has both runs", {r["run"] for r in cells(export("csv", log, other.log_path))}, {
    run.verdict["run"]["id"], other.verdict["run"]["id"]
})
h.equal("chrome: a process for each", len({e["pid"] for e in json.loads(export("chrome", log, other.log_path))["traceEvents"]}), 2)
h.equal("sarif: a run for each", len(json.loads(export("sarif", log, other.log_path))["runs"]), 2)
h.equal("otlp: a trace for each", len({
    s["traceId"] for d in lines(export("otlp", log, other.log_path)) for s in d["resourceSpans"][0]["scopeSpans"][0]["spans"]
}), 2)
h.check("standard input", export("csv", "-", stdin=open(log, "rb").read()).count(b"\n") == outputs["csv"].count(b"\n"))

h.title("where to")
target = os.path.join(box, "out.csv")
export("csv", log, options=["-o", target])
h.check("-o: the same bytes, for the owner alone", open(target, "rb").read() == outputs["csv"] and os.stat(target).st_mode & 0o777 == 0o600)
open(target, "w").write("mine")
export("csv", log, options=["-o", target], status=74)
h.equal("what is there is not replaced", open(target).read(), "mine")
export("csv", log, options=["-f", "-o", target])
h.check("-f replaces it", open(target, "rb").read() == outputs["csv"])
export("csv", os.path.join(box, "absent"), options=["-f", "-o", target], status=66)
h.check("a log that is not there leaves it as it was", open(target, "rb").read() == outputs["csv"])
export("csv", script, options=["-f", "-o", target], status=65)
h.check("a file that is no log too", open(target, "rb").read() == outputs["csv"])
h.equal("nothing else is left", sorted(n for n in os.listdir(box) if n.startswith("out")), ["out.csv"])
h.check("sqlite: without its COMMIT if a log is missing", b"COMMIT" not in export("sqlite", log, "/absent", status=66))
if os.path.exists("/dev/full"):
    export("csv", log, options=["-o", "/dev/full"], status=74)
no_script = h.proctor([h.PYTHON, "-c", "print(1)"], cwd=box)
export("intoto", no_script.log_path, status=65)
h.equal("no format", h.native([h.PROCTOR, "export", "--to", "xml", log]).status, 64)
h.equal("no host", h.native([h.PROCTOR, "export", "--to", "intoto", "--host-id", "a b", log]).status, 64)

h.title("logs that are broken, and hostile ones")
top = os.environ.get("top_srcdir") or os.path.join(h.HERE, "..", "..")
whole = open(log, "rb").read()
cut = h.put(box, "cut.jsonl", whole[: len(whole) // 2])
logs = sorted(glob.glob(os.path.join(top, "tests/report/*.jsonl")) + glob.glob(os.path.join(top, "tests/fuzz/corpus/log/*"))) + [cut]
strange = [
    {"v": 1, "kind": "start", "@timestamp": 7, "run": {"id": 8, "labels": [1]}, "process": [], "script": "x", "policy": None},
    {"v": 1, "kind": "call", "@timestamp": "9999-99-99T99:99:99Z", "event": {"sequence": -1, "action": "\0\n", "duration": 2**63 - 1},
     "syscall": {"args": [1, None, {"a": 1}, "x\0y"], "ret": "no"}, "file": {"path": "", "path_b64": "!"},
     "decision": {"action": "deny", "violation": True}, "rule": {"id": "x\ny", "ref": 7},
     "code": {"file.path": "", "line.number": 2**62}, "stack": {"python": [1, [], {"omitted": 3}, {"function": "f;\n g"}]}},
    {"v": 1, "kind": "call", "@timestamp": "2026-01-05T10:11:12Z", "event": {"sequence": 2**63 - 1, "action": "open"},
     "file": {"path": "/"}, "decision": {"action": "kill"}, "stack": {"python": {"a": 1}}},
    {"v": 1, "kind": "call", "@timestamp": "1969-01-05T10:11:12Z", "event": {"duration": 2**63 - 1}, "decision": {"action": "hide", "violation": True}},
    {"v": 1, "kind": "summary", "syscalls": [1, {"name": "x", "calls": "y"}, {}]},
    {"v": 1, "kind": "summary", "usage": {"at_ns": [1, "x", -1, 2**62, 7], "cpu_ns": [2**62, -(2**62), None], "memory_bytes": {}, "threads": [1.5]},
     "tasks": {"list": [1, None, {"name": "\0</x>", "thread": -1, "args": {}}, {"args": [None, 7]}]},
     "modules": {"list": [3, {"path": "\n.shell", "sha256": "x"}, {"path": 7, "sha256": "a" * 64}, {"path": "/a'b", "path_b64": "!", "sha256": "a" * 64}]}},
    {"v": 1, "kind": "end", "status": "\x1b[31m", "exit": 7, "limit": {"name": "cpu"}},
]
logs.append(h.put(box, "strange.jsonl", "".join(json.dumps(s) + "\n" for s in strange)))
READERS = {to: lines for to in ("ecs", "ocsf", "otlp", "intoto")}
READERS.update({to: json.loads for to in ("chrome", "sarif", "speedscope")})
READERS["csv"] = cells
for to in FORMATS:
    wrong = []
    for path in logs:
        done = h.native([h.PROCTOR, "export", "--to", to, path])
        if done.status not in (0, 1, 65) or b"Sanitizer" in done.err:
            wrong.append((path, done))
        elif done.status != 65:
            try:
                if to in READERS:
                    READERS[to](done.out)
                elif to == "sqlite" and "sqlite3" in globals():
                    sqlite3.connect(":memory:").executescript(done.out.decode())
            except Exception as error:
                wrong.append((path, error))
    h.check(f"{to}: of {len(logs)} logs each ends in order and can be read", not wrong, wrong[:2])
run = h.native([h.PROCTOR, "export", "--to", "csv", cut])
h.check("a log that was cut: as far as it goes, status 1, and why", run.status == 1 and b"end" in run.err and run.out, run)

h.title("memory")


def peak(to, path):
    with open(os.devnull, "wb") as sink:
        child = subprocess.Popen([h.PROCTOR, "export", "--to", to, path], stdout=sink, stderr=sink)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss


def big(name, n):
    """N calls, no two of which are alike."""
    path = os.path.join(box, name)
    with open(path, "w") as out:
        for i in range(n):
            out.write(
                '{"v":1,"kind":"call","@timestamp":"2026-01-05T10:11:12.3Z","event":{"sequence":%d,"action":"openat",'
                '"outcome":"success","duration":7},"run":{"id":"01J"},"file":{"path":"/data/%032d"},"decision":'
                '{"action":"%s","violation":true},"rule":{"id":"on_deny"},"stack":{"python":[{"file":"/f%d","line":%d,'
                '"function":"%s"}]}}\n' % (i + 1, i, "deny" if i % 2 else "allow", i, i, "f%d" % i * 20)
            )
    return path


def wide(name, n):
    """N calls with texts of a megabyte, which take three times as much where they are escaped."""
    path = os.path.join(box, name)
    with open(path, "w", encoding="utf-8") as out:
        for i in range(n):
            text = "%06d" % i + "\u202e" * (1 << 18)
            out.write(
                '{"v":1,"kind":"call","@timestamp":"2026-01-05T10:11:12.3Z","event":{"sequence":%d,"action":"openat",'
                '"outcome":"success","duration":7},"run":{"id":"01J"},"syscall":{"args":["\\"%s\\""]},"file":{"path":'
                '"/%s"},"decision":{"action":"deny","violation":true},"rule":{"id":"on_deny"},"code":{"file.path":'
                '"/%s","line.number":%d},"stack":{"python":[{"file":"/%s","line":1,"function":"f"}]}}\n'
                % (i + 1, text, text, text, i + 1, text)
            )
    return path


if h.sanitized():
    h.skip("memory", "sanitizers keep what was freed")
else:
    small, large = big("small.jsonl", 2000), big("large.jsonl", 40000)
    for to in ("chrome", "csv", "ecs", "ocsf", "otlp", "sqlite"):
        less, more = peak(to, small), peak(to, large)
        h.check(f"{to}: a log 20 times as long takes no more", more < less + 4096, f"{less} and {more} KiB")
    for to in ("folded", "intoto", "sarif", "speedscope"):
        more = peak(to, large)
        h.check(f"{to}: is bounded", more < 300 << 10, f"{more} KiB")
    wider = wide("wide.jsonl", 60)
    for to in ("folded", "intoto", "sarif", "speedscope"):
        more = peak(to, wider)
        h.check(f"{to}: is bounded where texts are long", more < 200 << 10, f"{more} KiB")

h.finish()
