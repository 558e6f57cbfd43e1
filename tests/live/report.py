#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""proctor report: the page of a real run, of hostile names, of broken logs and of a million calls, read by
Python's HTML parser as a browser without script would."""

import base64
import hashlib
import html.parser
import json
import os
import random
import re
import resource
import subprocess

import harness as h

NAMES = [
    b"</script><script>alert(1)</script>",
    b"<img src=x onerror=alert(1)>",
    b"\"onmouseover='alert(1)'",
    b"&lt;b&gt;",
    b"not-utf8-\xff\xfe",
    b"tab\tnl\ncr\r",
    "\u202eevil\u2028".encode(),
    b"{{data}}",
    b"a" * 3000,
]
PROGRAM = """import os, threading
def load(name):
    return open(name, "rb").read()
NAMES = %r
for name in NAMES:
    for place in b"", b"/nowhere/":
        try: load(place + name)
        except OSError: pass
def work():
    for i in range(20):
        load("given.txt")
threads = [threading.Thread(target=work) for _ in range(2)]
for t in threads: t.start()
for t in threads: t.join()
print("said")
load("/etc/shadow")
"""


def report(*logs, options=(), status=0, **popen):
    run = h.native([h.PROCTOR, "report", *options, *logs], **popen)
    h.check(f"report {' '.join(options)}: status {status}", run.status == status, run)
    return run.out.decode()


class Reader(html.parser.HTMLParser):
    """What a browser would take the page for."""

    # What may begin an element of a page; everything else would be the log's.
    TAGS = set(
        "html head meta title style body a header div span h1 h2 h3 bdi p b dl dt dd small figure svg rect figcaption nav"
        " ul li form label input output kbd main section article pre i details summary table thead tbody caption tr th td"
        " em u br code footer script noscript".split()
    )
    VOID = {"meta", "input", "br", "rect"}

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.ids, self.links, self.scripts, self.wrong = [], set(), [], [], [], []
        self.text = ""
        self.policy = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        for name, value in attributes:
            if name.startswith("on") or name in ("style", "src", "srcdoc", "action"):
                self.wrong.append((tag, name, value))
            if name == "id":
                self.ids.append(value)
            if name == "href":
                self.links.append(value)
        given = dict(attributes)
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]
        if tag in ("script", "style"):
            self.scripts.append([tag, given.get("type"), ""])
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.add(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(("end", tag, self.getpos()))

    def handle_data(self, data):
        if self.open and self.open[-1] in ("script", "style"):
            self.scripts[-1][2] += data
        else:
            self.text += data

    def handle_comment(self, data):
        self.wrong.append(("comment", data, ""))

    def data(self):
        return json.loads(next(text for tag, kind, text in self.scripts if kind == "application/json"))


def sound(sentence, text):
    """A page of which nothing but its own script could run."""
    page = Reader(text)
    hashes = re.findall(r"'sha256-([^']+)'", page.policy)
    own = [s for s in page.scripts if s[1] is None]
    h.check(
        sentence + ": elements of our own alone, no style or handler of one, every one closed",
        page.tags <= page.TAGS and not page.wrong and not page.open,
        page.tags - page.TAGS, page.wrong[:5], page.open,
    )
    h.check(
        sentence + ": one style, one script, each allowed by its digest",
        [s[0] for s in own] == ["style", "script"]
        and hashes == [base64.b64encode(hashlib.sha256(s[2].encode()).digest()).decode() for s in own],
        hashes,
    )
    h.check(
        sentence + ": nothing else is allowed",
        page.policy.startswith("default-src 'none';") and "unsafe" not in page.policy and "http" not in page.policy,
        page.policy,
    )
    h.check(sentence + ": no id twice", len(set(page.ids)) == len(page.ids))
    h.check(
        sentence + ": links stay in the page",
        all(l.startswith("#") or l == "index.html" for l in page.links)
        and not [l for l in page.links if l.startswith("#") and not l.startswith("#seq-") and l[1:] not in page.ids],
        [l for l in page.links if not l.startswith("#") or l[1:] not in page.ids][:5],
    )
    h.check(sentence + ": no character that hides or reorders text", not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028]", text))
    return page


h.title("a real run")
box = h.place()
script = h.put(box, "solve.py", PROGRAM % (NAMES,))
h.put(box, "given.txt", "x")
run = h.proctor(
    [h.PYTHON, "solve.py"], "--calls", "all", "--stack-for", "all", "--id", "<i>s-1", "--label", "k=</title>", "--memory", "512MiB", cwd=box
)
log = run.log_path
refused = run.refused()
h.check("the run refused what it should", len(refused) > len(NAMES) and run.status == 1, run)
text = report(log)
h.check("the same log gives the same bytes", report(log) == text)
page = sound("the page", text)
h.check("it has no name as markup", not re.search(r"<script>alert|<img src=x|<i>s-1", text))
data = page.data()
calls = run.calls()
h.equal("every call is in the data", len(data["calls"][0]), len(calls))
h.equal("in the sums too", sum(data["cells"][8]), len(calls))
h.equal("every violation", sum(data["cells"][12]), len(refused))
h.equal("and what of it was proctor's own", sum(data["cells"][13]), sum(r["event"]["broker_ns"] for r in calls))
h.check("which is a part of each call", all(0 < r["event"]["broker_ns"] <= r["event"]["duration"] for r in calls))
h.check("and is told to be left out", "without what proctor took of it" in page.text and "own work included" not in page.text)
older = h.put(h.place(), "older.jsonl", re.sub(rb',"broker_ns":\d+', b"", open(log, "rb").read()))
h.check("of an older log that it is not", "own work included" in Reader(report(older, status=0)).text)
h.equal("every nanosecond", sum(data["cells"][9]), sum(r["event"]["duration"] for r in calls))
h.check(
    "the bytes that were read of a file",
    sum(n for n, p in zip(data["cells"][10], data["cells"][3]) if p >= 0 and data["paths"][p][0].endswith("/given.txt")) == 40,
)
h.check("and written", sum(n for n, p in zip(data["cells"][11], data["cells"][3]) if p >= 0 and data["paths"][p][0] == "standard output") == 5)
h.equal("threads", len(data["threads"]), 3)
h.check("anchors of refusals", "seq-%d" % refused[0]["event"]["sequence"] in page.ids and "seq-%d" % refused[-1]["event"]["sequence"] in page.ids)
h.check("the log's digest", hashlib.sha256(open(log, "rb").read()).hexdigest() in page.text)

h.title("what is read without script")
h.check("the verdict", "RE" in page.text and "ended with an error" in page.text)
h.check("the exception that ended it", "PermissionError" in page.text, page.text[:600])
explained = h.native([h.PROCTOR, "explain", "--json", log])
advice = [r["fix"].get("option") or r["fix"].get("policy") for r in json.loads(explained.out)["refusals"]]
h.check("fixes as explain has them", any(a for a in advice) and "-r /etc/shadow" in page.text, advice)
h.check("control characters are written out", "tab\\tnl\\ncr\\r" in page.text and "\\u{202e}evil\\u{2028}" in page.text and "not-utf8-\\xff\\xfe" in page.text)
h.check("a template's slot in a name is a name", "{{data}}" in page.text)
h.check("a long name is cut, and the page says so", "a" * 1000 not in page.text and "bytes left out" in page.text)
h.check("lines of source that the log has", "return open(name, \"rb\").read()" in page.text and "the lines that the log has" in page.text)
h.check("paths outside", "/etc/shadow" in page.text)
h.check("rules that were never used", "never used" in page.text)
h.check("walls and limits", "seccomp" in page.text and "512\u202fMiB" in page.text)

h.title("source that is given")
given = sound("with its source", report(log, options=["--source", script]))
h.check("is shown whole", "threads = [threading.Thread" in given.text and "as it ran" in given.text and "L9" in given.ids)
other = h.put(h.place(), "solve.py", "print('<b>other</b>')\n")
given = sound("with another file of that name", report(log, options=["--source", other]))
h.check("is told apart", "not the file that ran" in given.text and "<b>other</b>" in given.text)
report(log, options=["--source", box + "/absent.py"], status=66)

h.title("where to")
target = os.path.join(box, "page.html")
report(log, options=["-o", target])
h.check("-o: the same bytes, for the owner alone", open(target, newline="").read() == text and os.stat(target).st_mode & 0o777 == 0o600)
open(target, "w").write("mine")
report(log, options=["-o", target], status=74)
h.equal("what is there is not replaced", open(target).read(), "mine")
report(log, options=["-f", "-o", target])
h.check("-f replaces it", open(target, newline="").read() == text)
report(os.path.join(box, "absent"), options=["-f", "-o", target], status=66)
report(script, options=["-f", "-o", target], status=65)
h.check("what fails leaves it as it was", open(target, newline="").read() == text)
h.equal("and nothing beside it", sorted(os.listdir(box)), ["given.txt", "page.html", "solve.py"])
h.check("standard input", report("-", stdin=open(log, "rb").read()) == text)
report(log, options=["-o", "/dev/full"], status=74)
report(status=64)
report(log, log, status=64)

h.title("several logs")
second = h.proctor([h.PYTHON, "-c", "print(1)"], cwd=box)
pages = os.path.join(box, "pages")
report(log, second.log_path, log, options=["-o", pages])
found = sorted(os.listdir(pages))
h.check("a page for each, and an index", len(found) == 4 and "index.html" in found, found)
index = Reader(open(os.path.join(pages, "index.html")).read())
rows = [l for l in index.links if l in found]
h.check("which links to each", sorted(rows + ["index.html"]) == found and not index.wrong and index.tags <= Reader.TAGS, index.links)
h.check("and tells each", "<i>s-1" in index.text and "3 runs" in index.text and "PermissionError" in index.text)
h.check("each page links to it", all("index.html" in Reader(open(os.path.join(pages, f)).read()).links for f in rows))
for name in rows:
    sound(name, open(os.path.join(pages, name)).read())
report(log, second.log_path, options=["-o", pages], status=74)
before = {f: open(os.path.join(pages, f), "rb").read() for f in found}
report(log, second.log_path, log, options=["-f", "-o", pages])
h.check("-f: the same again", before == {f: open(os.path.join(pages, f), "rb").read() for f in os.listdir(pages)})

h.title("logs that lack something")
whole = open(log, "rb").read()
cut = h.put(box, "cut.jsonl", whole[: len(whole) // 2])
page = sound("half a log", report(cut, status=1))
h.check("says so", "no end record" in page.text and "how the run ended is not known" in page.text)
page = sound("an empty log", report(h.put(box, "empty.jsonl", ""), status=1))
h.check("says so too", "the log is empty" in page.text)
lines = whole.split(b"\n")
page = sound("a log without its start", report(h.put(box, "headless.jsonl", b"\n".join(lines[1:])), status=1))
h.check("says so as well", "no start record" in page.text)
audit = h.proctor([h.PYTHON, "-c", "open('/etc/passwd')"], "--mode", "audit", cwd=box)
page = sound("audit mode", report(audit.log_path))
h.check("is told", "Audit mode" in page.text and "would be refused" in page.text)

h.title("logs that somebody wrote")
rng = random.Random(int(os.environ.get("REPORT_SEED", "5")))
BAD = ["</script>", "<script>x()</script>", "<!--", "\u0000", "\ud83d", "\u202e", "'\"><b>", "&#60;", "{{script}}", "A" * 5000, "", "#seq-1", "javascript:x"]
WEIRD = [None, -1, 1 << 62, 1.5, True, [], {}, [[["x"]]], "0", 0]


def spoil(value):
    """VALUE with texts replaced by hostile ones, and now and then something of another kind."""
    if rng.random() < 0.04:
        return rng.choice(WEIRD + BAD)
    if isinstance(value, dict):
        return {(rng.choice(BAD) if rng.random() < 0.01 else k): spoil(v) for k, v in value.items()}
    if isinstance(value, list):
        return [spoil(v) for v in value]
    if isinstance(value, str) and rng.random() < 0.2:
        return rng.choice(BAD)
    return value


records = [json.loads(l) for l in lines if l]
sample = records[:1] + [r for r in records if r["kind"] == "call"][-150:] + records[-3:]
wrong = []
for i in range(int(os.environ.get("REPORT_FUZZ", "60"))):
    made = []
    for record in sample:
        kind = record["kind"]
        bad = spoil(record)
        if isinstance(bad, dict):
            bad["kind"] = kind
        made.append(json.dumps(bad))
    run_ = h.native([h.PROCTOR, "report", "-"], stdin="\n".join(made).encode("utf-8", "surrogatepass"))
    if run_.status not in (0, 1):
        wrong.append((i, run_.status, run_.err[:200]))
        continue
    got = Reader(run_.out.decode())
    own = [s for s in got.scripts if s[1] is None]
    if got.wrong or not got.tags <= got.TAGS or got.open or len(own) != 2 or len(set(got.ids)) != len(got.ids):
        wrong.append((i, got.wrong[:3], got.tags - got.TAGS, got.open, len(own)))
        continue
    try:
        got.data()
    except ValueError as error:
        wrong.append((i, error))
h.check("make pages in which nothing of theirs is markup, and whose data is JSON", not wrong, wrong[:5])

h.title("samples of a profile")
body = """def inner():
    return sum(range(1000))
def work():
    while True:
        inner()
print("said")
work()
"""
hot = h.put(box, "hot.py", body)
busy = h.proctor([h.PYTHON, "hot.py"], "--profile=200", "--cpu", "700ms", cwd=box)
profile = next(r["profile"] for r in busy.records if r["kind"] == "profile")
page = sound("their page", report(busy.log_path, options=["--source", hot]))
data = page.data()
at, ends = 0, {}
for skip, n in zip(data["samples"]["at"][::2], data["samples"]["at"][1::2]):
    at += skip
    frame = data["frames"][data["nodes"][1][at]]
    ends[frame[2], frame[1]] = ends.get((frame[2], frame[1]), 0) + n
told = {}
for stack in profile["stacks"]:
    frame = stack["python"][0]
    told[frame["function"], frame["line"]] = told.get((frame["function"], frame["line"]), 0) + stack["samples"]
h.check("each sample is where the log has it", ends == told and told.get(("inner", 2), 0) > 10, ends, told)
h.equal("and what has no Python frame is counted", data["samples"]["unread"], profile["unread"])
h.check("the hottest line is a part of the cause", "Of its computing" in page.text and "hot.py:2" in page.text, page.text[:700])
h.check("so is where it held the most", re.search(r"[0-9.]+\sMiB held at hot\.py:[2-6]", page.text), page.text[:900])
h.check("how they were taken is told", f"taken 200 times a second of the threads that computed: {profile['samples']}" in page.text)
row = re.search(r'<tr id="L2".*?</tr>', report(busy.log_path, options=["--source", hot])).group(0)
own = sum(s["samples"] for s in profile["stacks"] if s["python"][0]["line"] == 2)
h.check("the line has its share, and is the hottest", f"{own} samples here" in row and re.search('class="[a-z ]*h9"', row), row)
row = re.search(r'<tr id="L7".*?</tr>', report(busy.log_path, options=["--source", hot])).group(0)
h.check("one that only called has what it called, pale", "0 samples here" in row and 'class="via"' in row and "h0" not in row, row)
short = h.proctor([h.PYTHON, "hot.py"], "--cpu", "200ms", cwd=box)
page = sound("without a profile", report(short.log_path, options=["--source", hot]))
h.check("there is none", page.data()["samples"] is None and "Samples were" not in page.text)
hostile = [records[0], {"v": 1, "kind": "profile", "profile": {"hz": 1 << 60, "samples": -1, "unread": 1 << 62, "stacks": [
    {"samples": 1 << 62, "python": [{"file": box + "/solve.py", "line": 3, "function": "</script>"}] * 5000},
    {"samples": 7, "python": []}, {"samples": "x", "python": {}}, None, {"python": [None, 7, {"line": -1}]}]}},
    {"v": 1, "kind": "profile", "profile": [1]}]
page = sound("one that somebody wrote", report("-", status=1, stdin="\n".join(map(json.dumps, hostile)).encode()))
h.check("is held to what a browser can count", max(page.data()["samples"]["at"]) <= 1 << 52 and page.data()["samples"]["unread"] <= 1 << 52)

h.title("over time")
page = sound("the page of a busy run", report(busy.log_path))
told = next(r["usage"] for r in busy.records if r["kind"] == "summary")
usage = page.data()["usage"]
h.equal("usage is as the log tells it", (usage["at"], usage["cpu"], usage["memory"]), (told["at_ns"], told["cpu_ns"], told["memory_bytes"]))
h.check("output that was not counted is not shown", "output" not in usage and "Threads and processes" not in page.text, usage)
task = {"pid": 7, "thread": 8, "parent": 9, "name": "<b>\u202e", "args": ["</td>", None, "x" * 5000], "args_cut": True, "from_ns": -1, "to_ns": 1 << 62}
summary = {"v": 1, "kind": "summary", "usage": {"at_ns": [5, 5, 3, "x", 1 << 62, 9, None, -1], "cpu_ns": [7, 9, 0], "memory_bytes": {}, "output_bytes": [1]},
           "tasks": {"list": [task, None, [], {}] * 700, "left_out": 1 << 62},
           "modules": {"list": [{"path": box + "/<i>.py", "bytes": -1, "sha256": "</script>"}, None, 7] * 200, "left_out": "x"}}
page = sound("one that somebody wrote", report("-", status=1, stdin="\n".join(map(json.dumps, [records[0], summary])).encode()))
usage = page.data()["usage"]
h.check("moments are in order, and what a browser can count", usage["at"] == sorted(set(usage["at"])) and usage["at"][-1] <= 1 << 52 and
        len({len(usage[k]) for k in ("at", "cpu", "memory", "output")}) == 1, usage)
h.check("the tables are bounded, and say so", "more threads are not shown" in page.text and "more files are not told" in page.text)
h.check("names are text", "<b>" in page.text and "\\u{202e}" in page.text and "<i>.py" in page.text and "</td>" in page.text)

h.title("many calls")
COUNT = int(os.environ.get("REPORT_CALLS", "120000"))
call = next(r for r in calls if r["event"]["action"] == "openat" and r["decision"]["action"] == "allow" and "code" in r)
start = {**records[0], "@timestamp": "2026-01-05T10:00:00Z"}


def flood(path, n):
    with open(path, "w") as out:
        out.write(json.dumps(start) + "\n")
        for i in range(1, n + 1):
            call["event"]["sequence"] = i
            call["event"]["duration"] = 1000 + i % 977
            call["@timestamp"] = "2026-01-05T10:%02d:%02d.%06dZ" % (i // 60000000 % 60, i // 1000000 % 60, i % 1000000)
            call["file"] = {"path": "/srv/d%d/f%d" % (i % 999, i)}
            call["code"]["line.number"] = i % 5000 + 1
            call["stack"]["python"] = [{"file": box + "/m.py", "line": i * k % 3000, "function": "f%d" % k} for k in range(1, 9)]
            out.write(json.dumps(call) + "\n")
    return path


def peak(path, out):
    """KiB at most that making the page takes."""
    child = subprocess.Popen([h.PROCTOR, "report", "-f", "-o", out, path], stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    h.equal(f"{os.path.basename(path)}: a page, and that it has no end", child.returncode, 1)
    return used.ru_maxrss


few, many = flood(os.path.join(box, "few.jsonl"), COUNT // 5), flood(os.path.join(box, "many.jsonl"), COUNT)
page_few, page_many = os.path.join(box, "few.html"), os.path.join(box, "many.html")
memory_few, memory_many = peak(few, page_few), peak(many, page_many)
sizes = os.path.getsize(page_few), os.path.getsize(page_many)
print(f"     {COUNT // 5} calls: {memory_few} KiB, page of {sizes[0]} bytes; {COUNT} calls: {memory_many} KiB, page of {sizes[1]} bytes")
if h.sanitized():
    h.skip("memory does not grow with the log", "a sanitizer's own grows with what is freed")
else:
    h.check("memory does not grow with the log", memory_many < memory_few * 1.3 + 8192, memory_few, memory_many)
h.check("nor does the page", sizes[1] < sizes[0] * 1.3 and sizes[1] < 16 << 20, sizes)
page = sound("the page of many calls", open(page_many).read())
data = page.data()
h.check("has all in its sums, and says how many it shows", sum(data["cells"][8]) == COUNT and " shown one by one" in page.text)
h.check("counts the others over time", sum(sum(l[2::3]) for l in data["bins"]["lanes"]) >= COUNT)
for path in few, many:
    os.unlink(path)

h.finish()
