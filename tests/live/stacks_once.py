#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--stack-for all: a stack is in the log once. It costs half of what the calls do at most, every reader takes it for what
an older log has in each record, and what a log that was cut or made up says of it is bounded and told."""

import json
import os
import re

import harness as h

box = h.place()
PROGRAM = """import sys
def read(name):
    with open(name) as file:
        return file.read(100)
def deep(n):
    return read("given.txt") if not n else deep(n - 1)
for i in range(60):
    deep(i % 7)
    read("given.txt")
try: open("/nowhere")
except OSError: pass
deep(400)
import argparse, logging
exec(compile("read('given.txt')", "made up", "exec"))
"""
h.put(box, "solve.py", PROGRAM)
h.put(box, "given.txt", "x" * 100)
sizes, runs = {}, {}
for options in ("--stack-for", "denied"), ("--stack-for", "all"), ("--stack-for", "all", "--stack", "both"):
    run = h.proctor([h.PYTHON, "solve.py"], "--calls", "all", *options, cwd=box)
    h.equal(" ".join(options), (run.status, run.err), (0, b""))
    sizes[options[1:]] = os.path.getsize(run.log_path)
    runs[options[1:]] = run
print("    ", {" ".join(k): v for k, v in sizes.items()})
few, all_, both = sizes["denied",], sizes["all",], sizes["all", "--stack", "both"]

h.title("what it costs")
h.check(f"half as much again at most, {all_ / few:.2f}", all_ <= 1.5 * few, sizes)
h.check(f"native stacks too, {both / few:.2f}", both <= 1.5 * few, sizes)
run = runs["all",]
raw = [json.loads(line) for line in open(run.log_path, "rb")]
named = [r for r in raw if r["kind"] == "call" and "id" in r.get("stack", {})]
h.check("calls that were let through name their stacks", len(named) > 800 and all(r["decision"]["action"] == "allow" and "code" not in r for r in named))
h.check("refusals have theirs", all("python" in r["stack"] for r in raw if r["kind"] == "call" and r["decision"]["action"] != "allow"))
h.check("records are no longer than ever", max(map(len, open(run.log_path, "rb"))) <= 65536)
texts = [json.dumps(f, sort_keys=True) for r in raw if r["kind"] == "stack" for f in r["stack"]["python"] if isinstance(f, dict) and "file" in f]
h.check("no frame is defined twice", len(texts) == len({json.dumps({k: v for k, v in json.loads(t).items() if k != "n"}) for t in texts}))

h.title("what it says")
reads = [r for r in run.calls("read") if "code" in r and r["code"]["line.number"] == 4 and r["code"]["file.path"] == box + "/solve.py"]
# Each read() of 100 bytes, and its end where Python asks for it.
depths = sorted({len(r["stack"]["python"]) for r in reads if "omitted" not in json.dumps(r["stack"])})
h.check("each call has its own stack", {2, 3, 4, 5, 6, 7, 8, 9} <= set(depths), depths)
one = next(r for r in reads if len(r["stack"]["python"]) == 5)
h.equal("innermost first", [(f["function"], f["line"]) for f in one["stack"]["python"]],
        [("read", 4), ("deep", 6), ("deep", 6), ("deep", 6), ("<module>", 8)])
h.check("with the line", one["code"]["source"] == "        return file.read(100)" and len(one["code"]["source_sha256"]) == 64, one["code"])
far = [r for r in reads if "omitted" in json.dumps(r["stack"])]
h.check("one that is too deep says what is missing", far and all(
    sum(f.get("omitted", 1) for f in r["stack"]["python"]) == 403 and "python_note" in r["stack"] for r in far), far[:1])
h.check("text that exec() ran", any(r["code"]["file.path"] == "made up" or r["stack"]["python"][1]["file"] == "made up" for r in run.calls("read") if "code" in r))
native = [r for r in runs["all", "--stack", "both"].calls("openat") if r["stack"].get("native")]
h.check("native frames", native and all("ip" in f or "omitted" in f for r in native for f in r["stack"]["native"]), native[:1])

h.title("readers take it for what an older log has")
new = runs["all", "--stack", "both"].log_path
# The end record counts, and chains digest, the lines that are there.
old_records = [r for r in h.read_log(new) if r["kind"] not in ("stack", "chain")]
old_records[-1]["records"] = len(old_records)
old = h.put(box, "old.jsonl", "".join(json.dumps(r) + "\n" for r in old_records))
for words in (["explain", "--json"], ["explain", "LOG", str(one["event"]["sequence"])], ["summary", "--by", "line", "--csv"], ["summary", "--by", "file", "--json"],
              ["export", "--to", "csv"], ["export", "--to", "folded"], ["export", "--to", "chrome"], ["export", "--to", "speedscope"],
              ["export", "--to", "ecs"], ["export", "--to", "ocsf"], ["export", "--to", "otlp"], ["export", "--to", "sarif"],
              ["learn"], ["policy", "test", "builtin:pure", "-r", box], ["tail"]):
    got = []
    for log in new, old:
        path = os.path.join(box, "log.jsonl")
        if os.path.lexists(path):
            os.unlink(path)
        os.symlink(log, path)
        done = h.native([h.PROCTOR, *(path if w == "LOG" else w for w in words), *([path] if "LOG" not in words else [])], cwd=box)
        # What says how many records there were is another number.
        got.append((done.status, re.sub(rb'(records"(: |,"value":{"intValue":"))\d+', rb"\1", done.out), done.err))
    h.check(" ".join(words[:3]), got[0] == got[1] and got[0][0] in (0, 1) and len(got[0][1]) > 50, [g[:3] for g in got] if len(got[0][1]) < 2000 else got[0][0])
done = h.native([h.PROCTOR, "diff", new, old])
h.check("diff sees no difference", done.status == 0, done)
pages = [h.native([h.PROCTOR, "report", log]).out.decode() for log in (new, old)]
data = [json.loads(p.split('id="data">')[1].split("</script>")[0]) for p in pages]
h.check("the page is drawn from the same", data[0] == data[1])
done = h.native([h.PROCTOR, "verify", run.log_path, run.verdict_path])
h.equal("the chain holds it", done.status, 0)

h.title("logs that lack something, or were made up")
lines = open(run.log_path, "rb").read().splitlines(True)
stackless = h.put(box, "stackless.jsonl", b"".join(t for t in lines if b'"kind":"stack"' not in t))
for words in ["export", "--to", "folded"], ["report"]:
    done = h.native([h.PROCTOR, *words, stackless])
    h.check(f"{words[0]}: the records without a stack are counted", done.status == 1 and b"whose stacks are not in it" in done.out + done.err, done.err)
done = h.native([h.PROCTOR, "explain", stackless, str(one["event"]["sequence"])])
h.check("explain of one of them says so", b"1 record whose stack is not in it" in done.out + done.err, done)
rest = h.put(box, "rest.jsonl", b"".join(lines[len(lines) // 2 :]))
done = h.native([h.PROCTOR, "explain", rest])
h.check("a log without its beginning is explained", done.status == 1 and b"solve.py:10" in done.out and b"/nowhere" in done.out, done)
done = h.native([h.PROCTOR, "export", "--to", "csv", rest])
h.check("what it lacks is told", done.status == 1 and b"whose stacks are not in it" in done.err, done.err)
head = next(t for t in lines if b'"kind":"call"' in t and b'"stack":{"id"' in t)
for what, stacks in (
    ("a number that is nothing's", ['{"id":1,"python":[5]}']),
    ("a number twice", ['{"id":2,"python":[{"n":1,"file":"a","line":1,"function":"f"}]}', '{"id":1,"python":[{"n":1,"file":"b","line":2,"function":"g"}]}']),
    ("more outer frames than there are", ['{"id":2,"python":[{"n":1,"file":"a"}]}', '{"id":1,"python":[{"outer":9,"of":2}]}']),
    ("a stack of itself", ['{"id":1,"python":[{"outer":1,"of":1}]}']),
    ("a negative number of them", ['{"id":2,"python":[]}', '{"id":1,"python":[{"outer":-1,"of":2}]}']),
    ("something else", ['{"id":"1"}', "[1]", "7", "null", '{"id":1.5,"python":{"x":1}}', '{"python":[1]}', '{"id":[1]}', '{"id":1,"code":"x"}']),
):
    made = b"".join(b'{"v":1,"kind":"stack","stack":%s}\n' % s.encode() for s in stacks)
    call = json.loads(head)
    call["event"]["sequence"], call["stack"] = 1, {"id": 1}
    path = h.put(box, "made.jsonl", lines[0] + made + json.dumps(call).encode() + b"\n" + lines[-1])
    done = h.native([h.PROCTOR, "export", "--to", "csv", path])
    h.check(what, done.status == 1 and b"1 record whose stack is not in it" in done.err, done)
# Each takes all of the one before: 2^n frames, if nobody counted.
grow = ['{"id":0,"python":[%s]}' % ",".join('{"n":%d,"file":"a","line":%d,"function":"f"}' % (i, i) for i in range(1000))]
grow += ['{"id":%d,"python":[%s]}' % (i, ",".join(['{"outer":%d,"of":%d}' % (1000 << i - 1, i - 1)] * 2)) for i in range(1, 40)]
path = h.put(box, "grow.jsonl", lines[0] + b"".join(b'{"v":1,"kind":"stack","stack":%s}\n' % s.encode() for s in grow) + lines[-1])
limit = ["sh", "-c", 'ulimit -v 2000000; exec "$@"', "sh"] if not h.sanitized() else []
done = h.native([*limit, h.PROCTOR, "summary", "--by", "line", path], timeout=30)
h.check("a stack that doubles forty times", done.status in (0, 1), done)

h.finish()
