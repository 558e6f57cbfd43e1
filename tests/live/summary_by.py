#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""proctor summary --by: what is counted for files, directories, lines, rules, processes and calls is what the
logs hold; --outside answers what a program reached for beyond its own."""

import collections
import csv
import io
import json
import os
import re
import subprocess

import harness as h

PROGRAM = b"""import os
def load(name):
    try: return open(name, "rb").read()
    except OSError: pass
load("own.txt")
load("/etc/shadow"); load("/etc/shadow")
load("/nowhere/=1+1")
load(b"/nowhere/\\xff")
load("/given/data.txt".replace("/given", os.environ.get("GIVEN", "/given")))
"""


def summary(*options, status=0):
    run = h.native([h.PROCTOR, "summary", *options])
    h.check(f"summary {' '.join(o for o in options if o.startswith('--') or '/' not in o)}: {status}", run.status == status, run)
    return run.out


def table(*options, **more):
    return json.loads(summary("--json", *options, **more))["rows"]


box, given = h.place(), h.place()
h.put(box, "solve.py", PROGRAM.replace(b"os.environ.get(\"GIVEN\", \"/given\")", repr(given).encode()))
h.put(box, "own.txt", "x")
data = h.put(given, "data.txt", "y")
first = h.proctor([h.PYTHON, "solve.py"], "-r", given, "--stack-for", "all", cwd=box)
second = h.proctor([h.PYTHON, "solve.py"], cwd=box)
logs = first.log_path, second.log_path
calls = first.calls() + second.calls()

h.title("memory")
# First: until its exec a program has this one's memory, at its most, and that is counted.
long = os.path.join(box, "long.jsonl")
with open(long, "w") as out:
    for i in range(240):
        out.write(
            '{"v":1,"kind":"call","event":{"sequence":%d,"action":"read"},"process":{"pid":%d},"decision":{"action":'
            '"allow"},"code":{"file.path":"/%s","line.number":%d}}\n' % (i + 1, i + 1, "x" * (1 << 19), i + 1)
        )
if h.sanitized():
    h.skip("memory", "sanitizers keep what was freed")
else:
    with open(os.devnull, "wb") as sink:
        child = subprocess.Popen([h.PROCTOR, "summary", "--by", "process", long], stdout=sink, stderr=sink)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    h.check("where its calls came from is bounded, too", usage.ru_maxrss < 96 << 10, f"{usage.ru_maxrss} KiB")

h.title("counted again by python")


def counted(key):
    """{name: [calls, hidden, refused, time]} of both logs."""
    found = collections.defaultdict(lambda: [0, 0, 0, 0])
    for call in calls:
        name = key(call)
        if name is None:
            continue
        row, action = found[name], call["decision"]["action"]
        row[0] += 1
        row[1] += action == "hide"
        row[2] += action in ("deny", "kill")
        row[3] += call["event"]["duration"]
    return dict(found)


def path_of(call):
    file = call.get("file", {})
    return None if "path_b64" in file else file.get("path")


def line_of(call):
    """What a host's own .pth files do is told as that: site executes them as "<string>"."""
    if not call.get("code"):
        return None
    file, line = call["code"]["file.path"], call["code"]["line.number"]
    frames = call["stack"]["python"]
    at = [(f.get("file"), f.get("line")) for f in frames].index((file, line))
    of_site = [f.get("function") for f in frames[at + 1 : at + 2]] == ["addpackage"]
    return f"{'<a .pth file of site>' if file == '<string>' and of_site else file}:{line}"


KEYS = {
    "file": path_of,
    "directory": lambda c: path_of(c) and (os.path.dirname(path_of(c)) or "/"),
    "line": line_of,
    "process": lambda c: f"{c['run']['id']} {c['process']['pid']}",
    "rule": lambda c: c.get("rule") and f"{c['rule']['id']} {c['rule']['ref']}",
}
for by, key in KEYS.items():
    got = {r[by]: [r["calls"], r["hidden"], r["refused"], r["time_ns"]] for r in table("--by", by, *logs) if "escaped" not in r}
    wanted = counted(key)
    if by == "directory":  # the path that is no UTF-8 is in one
        got.pop("/nowhere"), wanted.pop("/nowhere")
    h.check(f"by {by}", got == wanted, set(got) ^ set(wanted), [(k, got.get(k), wanted.get(k)) for k in wanted if got.get(k) != wanted[k]])
told = {r["syscall"]: r["calls"] for r in table("--by", "syscall", *logs)}
recorded = collections.Counter()
for run in first, second:
    for row in run.last("summary")["syscalls"]:
        recorded[row["name"]] += row["calls"]
h.equal("by syscall: the logs' own summaries together", told, dict(recorded))

h.title("what it reached for outside")
rows = table("--by", "file", "--outside", *logs)
names = {r["file"]: r for r in rows}
h.equal(
    "exactly the files beyond the submission and the interpreter",
    {n for n in names if n.startswith(("/etc/sh", "/nowhere", given))},
    {"/etc/shadow", "/nowhere/=1+1", "/nowhere/\\xff", data},
)
h.check("nothing of the submission's", not any(n.startswith(box) for n in names), names)
h.check("nothing that the interpreter's own rules decided", not any(
    c.get("rule", {}).get("ref") == "builtin:python" and path_of(c) in names and names[path_of(c)]["calls"] == 1 for c in calls
))
shadow = names["/etc/shadow"]
h.equal("how often it was refused, in how many runs", (shadow["calls"], shadow["refused"], shadow["opened"], shadow["logs"]), (4, 4, 0, 2))
h.check("from which line first", shadow["first"]["log"] == first.log_path and shadow["first"]["code"].endswith("solve.py:3"), shadow)
h.check("what was granted was opened in the first run alone", (names[data]["opened"], names[data]["refused"]) == (1, 1), names[data])
h.check("a name that is not UTF-8 is escaped, and says so", names["/nowhere/\\xff"].get("escaped") is True)
h.check("by directory", "/etc" in {r["directory"] for r in table("--by", "directory", "--outside", *logs)})

h.title("how many bytes")
COPIES = """import os
data = open({data!r}, "rb", buffering=0)
print(len(data.read(1000)), len(data.read()))
again = os.dup(data.fileno()); os.lseek(again, 0, 0); data.close(); os.read(again, 5); os.close(again)
out = os.open({out!r}, os.O_RDWR | os.O_CREAT); os.write(out, b"x" * 70); os.pwritev(out, [b"y" * 10, b"z" * 3], 100)
s = os.open({data!r}, os.O_RDONLY); os.sendfile(out, s, 0, 40); os.copy_file_range(s, out, 30); os.close(s)
other = os.open({own!r}, os.O_RDONLY); os.read(other, 100)
mine = os.open({data!r}, os.O_RDONLY)
if not os.fork(): os.read(mine, 9); os.close(mine); os.read(other, 1); os._exit(0)
os.wait(); os.read(mine, 2)
"""
h.put(given, "large", "l" * 5000)
copies = h.put(box, "copies.py", COPIES.format(data=given + "/large", out=given + "/out", own=box + "/own.txt"))
run = h.proctor([h.PYTHON, copies], "-w", given, "--process", "fork", "--calls", "all")
rows = {r["file"]: (r.get("read_bytes"), r.get("written_bytes")) for r in table("--by", "file", run.log_path)}
h.equal("by file, through whichever descriptor", [rows.get(n) for n in (given + "/large", given + "/out", box + "/own.txt")],
        [(5005 + 40 + 30 + 9 + 2, 0), (0, 70 + 13 + 40 + 30), (1, 0)])
rows = {r["directory"]: (r["read_bytes"], r["written_bytes"]) for r in table("--by", "directory", run.log_path)}
h.equal("by directory, together", rows[given], (5086, 153))
ordered = [r["file"] for r in table("--by", "file", "--outside", "--sort", "bytes", run.log_path)]
ordered = [name for name in ordered if not name.startswith("/proc/self/")]  # its memory map, from CPython 3.14 on
h.equal("--sort bytes", ordered[:2], [given + "/large", given + "/out"])
cells = {c["file"]: c for c in csv.DictReader(io.StringIO(summary("--csv", "--by", "file", run.log_path).decode()))}
h.equal("in csv", (cells[given + "/large"]["read_bytes"], cells[given + "/out"]["written_bytes"]), ("5086", "153"))
page = h.native([h.PROCTOR, "report", run.log_path]).out.decode()
data = json.loads(re.search(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.S)[1])
moved = collections.defaultdict(lambda: [0, 0])
for path, got, put in zip(data["cells"][3], data["cells"][10], data["cells"][11]):
    if path >= 0:
        moved[data["paths"][path][0]][0] += got
        moved[data["paths"][path][0]][1] += put
h.equal("the page comes to the same", [moved[n] for n in (given + "/large", given + "/out")], [[5086, 0], [0, 153]])
child = {c["process"]["pid"] for c in run.calls()} - {run.records[0]["process"]["pid"]}
h.equal("and names the child in the timeline", [t[5] for t in data["threads"] if t[0] in child], [f"process {pid}" for pid in child])
h.equal("and counts each call once", sum(data["cells"][8]), len(run.calls()))
h.check("and as text", b"bytes read" in summary("--by", "file", "--outside", run.log_path))
h.check("where a log lacks calls, nothing is said of bytes, but how to have it told",
        "read_bytes" not in table("--by", "file", run.log_path, first.log_path)[0] and b"--calls all" in summary("--by", "file", first.log_path))

h.title("order and shape")
for order, key in ("calls", "calls"), ("refused", "refused"), ("errors", "errors"), ("time", "time_ns"):
    values = [r[key] for r in table("--by", "file", "--sort", order, *logs)]
    h.check(f"--sort {order}: the highest first", values == sorted(values, reverse=True), values)
cells = list(csv.DictReader(io.StringIO(summary("--csv", "--by", "file", *logs).decode("utf-8", "surrogateescape"), newline="")))
h.equal("csv has the rows of JSON", len(cells), len(table("--by", "file", *logs)))
h.check("its names are exact bytes", "/nowhere/\udcff" in {c["file"] for c in cells})
text = summary("--by", "file", "--outside", *logs).decode()
h.check("the text has them too, fit for a terminal", "/etc/shadow  (first: " in text and "\\xff" in text, text)

h.title("a line of a .pth file")
# site executes it under the name "<string>", as it does -c.
made = h.native([h.PYTHON, "-m", "venv", "--without-pip", "--symlinks", box + "/venv"])
if made.status:
    h.skip("a .pth file's line", "no venv can be made: " + h.short(made.err.decode()))
else:
    version = "python%d.%d" % h.sys_version(h.PYTHON)[:2]
    h.put(box, f"venv/lib/{version}/site-packages/x.pth", "import os; os.path.exists('/nowhere/pth') or open('/etc/shadow')\n")
    run = h.proctor([box + "/venv/bin/python", "-c", "try: open('/etc/passwd')\nexcept OSError: pass"], cwd=box)
    lines = {r["line"]: r["refused"] for r in table("--by", "line", run.log_path)}
    h.check("is told from one of -c", lines.get("<a .pth file of site>:1") and lines.get("<string>:1") == 1, lines, run)

h.title("what it does not take")
summary("--by", "colour", *logs, status=64)
summary("--by", "line", "--outside", *logs, status=64)
summary("--csv", logs[0], status=64)
summary("--by", "file", "--sort", "broker", *logs, status=64)
summary("--by", "file", "--csv", "--json", *logs, status=64)
summary(*logs, status=64)
summary("--by", "file", logs[0], os.path.join(box, "absent"), status=66)
summary("--by", "file", os.path.join(box, "solve.py"), status=65)
whole = open(logs[0], "rb").read()
cut = h.put(box, "cut.jsonl", whole[: len(whole) // 2])
h.check("a log that was cut: told, status 1", b"incomplete" in summary("--by", "file", cut, status=1))
h.check("in JSON too", json.loads(summary("--json", "--by", "file", cut, status=1))["complete"] is False)
quiet = h.proctor([h.PYTHON, "solve.py"], "--calls", "denied", cwd=box)
h.check("a log of refusals alone is told", b"refused or hidden alone" in summary("--by", "file", quiet.log_path))

h.title("names without end")
many = os.path.join(box, "many.jsonl")
with open(many, "w") as out:
    for i in range(100100):
        out.write('{"v":1,"kind":"call","event":{"sequence":%d,"action":"open"},"file":{"path":"/%d"},"decision":{"action":"deny"}}\n' % (i + 1, i))
rows = table("--by", "file", many, status=1)
h.equal("rows are bounded", len(rows), 100001)
h.equal("none is lost", sum(r["calls"] for r in rows), 100100)
h.equal("the rest has a row", [r["calls"] for r in rows if r["file"] == "(others)"], [100])

h.finish()
