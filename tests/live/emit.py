#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--emit of proctor judge and batch: read back by the readers of each format, as far as they are installed."""
import json
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as xml

from harness import PROCTOR, PYTHON, check, clean_env, equal, finish, native, place, put, skip, title

here = place()
FORMATS = ["junit", "tap", "gradescope", "github", "go-judge"]
for name, text in {"1.in": "1 2\n", "1.ans": "3\n", "2.in": "5 5\n", "2.ans": "10\n"}.items():
    put(here, "sums/" + name, text)
programs = {
    "right.py": "print(sum(map(int, input().split())))\n",
    "syn tax.py": "print(\n",
    "error.py": "1 // 0\n",
    "refused.py": "open('/etc/passwd')\n",
    "backslash.py": "open(r'/etc/a\\b')\n",
    "syntax_backslash.py": "(r'a\\b')(\n",
    "spin.py": "while True: pass\n",
    # A name, and an output, that mean something in every format.
    "a'\"<&>#%:,]]>.py": "print('<&>\"#%::error::\\x01\\uffff]]>')\n",
}
subs = [put(here, "subs/" + name, text) for name, text in programs.items()]
command = [PROCTOR, "judge", "-q", "--until", "all", "--cpu", "2s", "--wall", "120s", "-o", here + "/out"]
for name in FORMATS:
    command += ["--emit", f"{name}={here}/{name}"]
done = subprocess.run([*command, here + "/sums", *subs], stderr=subprocess.PIPE, env=clean_env(), check=False)
equal("everything is judged", (done.returncode, done.stderr), (0, b""))
with open(here + "/out/results.jsonl", encoding="utf-8") as text:
    lines = [json.loads(line) for line in text]
lines = [line for line in lines if (line["labels"]["case"], line["verdict"]) != ("syntax", "OK")]
verdicts = [line["verdict"] for line in lines]
equal("there are all the verdicts", sorted(set(verdicts)), ["AC", "CE", "RE", "TO", "WA"])


def read(name):
    with open(here + "/" + name, encoding="utf-8") as text:
        return text.read()


title("junit")
root = xml.parse(here + "/junit").getroot()
cases = root.findall("testsuite/testcase")
equal("a case for each run", len(cases), len(lines))
for level in root, root.find("testsuite"):
    wanted = (len(lines), sum(v != "AC" for v in verdicts), 0)
    equal(f"{level.tag} counts", tuple(int(level.get(n)) for n in ("tests", "failures", "errors")), wanted)
equal("the verdicts", [c.find("failure").get("type") if c.find("failure") is not None else "AC" for c in cases], verdicts)
told = {c.get("classname"): c.find("failure").get("message") for c in cases if c.find("failure") is not None}
staff = {line["labels"]["submission"]: line["messages"]["staff"] for line in lines if line["verdict"] == "RE"}
equal("a backslash in a path is escaped once", told["backslash.py"], staff["backslash.py"])
check("which it is", "/etc/a\\\\b" in staff["backslash.py"] and "\\\\\\" not in staff["backslash.py"], staff)
# What the schema of Jenkins' xUnit plugin (junit-10.xsd) has; that plugin refuses a file with others.
known = {"testsuites": {"name", "time", "tests", "failures", "errors"}, "testsuite": {"name", "time", "tests", "failures", "errors", "skipped"},
         "testcase": {"name", "time", "classname"}, "failure": {"type", "message"}, "error": {"type", "message"}}  # fmt: skip
equal("no attribute that readers do not know", [(e.tag, a) for e in root.iter() for a in e.keys() if a not in known[e.tag]], [])
check("classes have no spaces", not any(" " in c.get("classname") for c in cases))
check("a name comes back as it was", any(c.get("classname") == "a'\"<&>#%:,]]>.py" for c in cases))
try:
    import junitparser
except ImportError:
    skip("junitparser reads it", "it is not installed")
else:
    suites = junitparser.JUnitXml.fromfile(here + "/junit")
    equal("junitparser reads it", sum(suite.tests for suite in suites), len(lines))

title("tap")
tap = read("tap")
equal("the plan", tap.splitlines()[:2], ["TAP version 13", f"1..{len(lines)}"])
points = re.findall(r"^(not )?ok (\d+) - ", tap, re.M)
equal("the points", [bool(p[0]) for p in points], [v != "AC" for v in verdicts])
equal("their numbers", [int(p[1]) for p in points], list(range(1, len(lines) + 1)))
if shutil.which("prove"):
    told = subprocess.run(["prove", "--exec", "cat", "-v", here + "/tap"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    bad = sum(v != "AC" for v in verdicts)
    check("prove reads it", f"Failed {bad}/{len(lines)} subtests".encode() in told.stdout, told)
    check("and finds nothing amiss", b"Parse errors" not in told.stdout, told)
else:
    skip("prove reads it", "it is not installed")

title("gradescope")
grades = json.loads(read("gradescope"))
equal("the members", set(grades), {"execution_time", "tests"})
equal("the scores", [t["score"] for t in grades["tests"]], [int(v == "AC") for v in verdicts])
check("statuses are those of its schema", {t["status"] for t in grades["tests"]} <= {"passed", "failed"})
check("no test tells a student the answer", not any("10" in t["output"] for t in grades["tests"]), grades)
check("nor a path of the machine", not any(here in t["output"] or "/etc" in t["output"] for t in grades["tests"]), grades)

title("github")
commands = read("github").splitlines()
equal("one line for each that is not good", len(commands), sum(v != "AC" for v in verdicts))
check("all of them are commands", all(re.fullmatch(r"::error (file=[^:,]+,line=\d+,)?title=[A-Z]{2}::.*", c) for c in commands), commands)
check("a refusal has its line", any("file=refused.py,line=1,title=RE::" in c for c in commands), commands)

title("go-judge")
names = {"AC": "Accepted", "WA": "Wrong Answer", "TO": "Time Limit Exceeded", "RE": "Nonzero Exit Status", "CE": "Nonzero Exit Status"}
replies = json.loads(read("go-judge"))
equal("its names", [r["status"] for r in replies], [names[v] for v in verdicts])
equal("times are numbers", {type(r[k]) for r in replies for k in ("time", "memory", "runTime", "exitStatus")}, {int})
equal("the limit of time is signal 9", {r["exitStatus"] for r in replies if r["status"].startswith("Time")}, {9})

title("what could not be judged, from batch")
jobs = put(here, "jobs.jsonl", json.dumps({"id": "lost", "script": here + "/ab\\sent.py"}) + "\n")
for name in FORMATS:
    done = subprocess.run(
        [PROCTOR, "batch", "-q", "--resume", "-o", here + "/lost", "--emit", name + "=-", jobs],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=clean_env(), check=False,
    )  # fmt: skip
    out = done.stdout.decode()
    fits = {
        "junit": 'errors="1"' in out and 'failures="0"' in out,
        "tap": "not ok 1 - proctor lost" in out and "verdict: JE" in out,
        "gradescope": '"score"' not in out and "not your program's fault" in out,
        "github": out.startswith("::error title=JE::"),
        "go-judge": '"Internal Error"' in out,
    }
    check(f"{name}: an error, and nobody's failure", done.returncode == 1 and fits[name], done)
    if name == "junit":
        check("a backslash in a reason is escaped as it was", "/ab\\sent.py" in out, out)
title("a file for each run: isolate and runguard")


def metas(directory):
    """{id: {key: value}}, taken apart as their readers do."""
    found = {}
    for name in sorted(os.listdir(directory)):
        text = put_back(os.path.join(directory, name))
        found[name.removesuffix(".meta")] = dict(line.split(":", 1) for line in text.splitlines())
    return found


def put_back(path):
    with open(path, encoding="utf-8") as text:
        return text.read()


LIMITS = {"cpu": "20s", "wall": "120s", "memory": "96MiB", "output": "100KiB"}
strict = put(here, "strict.yaml", "version: 1\nextends: builtin:python\non_deny: kill\n")
codes = {
    "ok": ("print(1)", {}),
    "wrong": ("print(2)", {"expected_text": "1"}),
    "re": ("import sys; sys.exit(7)", {}),
    "sg": ("import os; os.kill(os.getpid(), 11)", {}),
    "cpu": ("while True: pass", {"limits": {**LIMITS, "cpu": "300ms"}}),
    "wall": ("import time; time.sleep(999)", {"limits": {**LIMITS, "wall": "1s"}}),
    "ml": ("x = bytearray(1 << 30)", {}),
    "ol": ("while True: print('x' * 1000)", {}),
    "pv": ("open('/etc/passwd')", {"policy": strict}),
    "lost": ("", {"stdin": here + "/absent"}),
}
each = "".join(json.dumps({"id": n, "argv": [PYTHON, "-c", c], "limits": LIMITS, **m}) + "\n" for n, (c, m) in codes.items())
each = put(here, "each.jsonl", each)
words = ["--emit", f"isolate={here}/isolate", "--emit", f"runguard={here}/runguard"]
subprocess.run([PROCTOR, "batch", "-q", "-o", here + "/each", *words, each], stderr=subprocess.DEVNULL, env=clean_env(), check=False)
isolate, guard = metas(here + "/isolate"), metas(here + "/runguard")
equal("isolate: a file for each run", sorted(isolate), sorted(codes))
ends = ("exitcode", "exitsig", "status", "killed", "cg-oom-killed")
equal("isolate: how each ended", {n: {k: v for k, v in m.items() if k in ends} for n, m in isolate.items()}, {
    "ok": {"exitcode": "0"}, "wrong": {"exitcode": "0"}, "re": {"exitcode": "7", "status": "RE"}, "sg": {"exitsig": "11", "status": "SG"},
    "cpu": {"status": "TO", "killed": "1"}, "wall": {"status": "TO", "killed": "1"},
    "ml": {"exitsig": "9", "status": "SG", "killed": "1", "cg-oom-killed": "1"}, "ol": {"exitsig": "25", "status": "SG", "killed": "1"},
    "pv": {"exitsig": "31", "status": "SG", "killed": "1"}, "lost": {"status": "XX"},
})  # fmt: skip
told = {n: m.get("message", "") for n, m in isolate.items()}
check("isolate: a message where there is a status", all(bool(told[n]) == ("status" in m) for n, m in isolate.items()), told)
check("isolate: which limit of time", told["wall"].endswith("(wall clock)") and not told["cpu"].endswith("(wall clock)"), told)
check("isolate: times and memory", all(re.fullmatch(r"\d+\.\d{3}", m["time"]) and re.fullmatch(r"\d+\.\d{3}", m["time-wall"])
                                       and int(m["max-rss"]) == int(m["cg-mem"]) for m in isolate.values()), isolate)  # fmt: skip
equal("runguard: how each ended", {n: (m.get("exitcode"), m.get("signal"), m.get("time-result"), m.get("output-truncated")) for n, m in guard.items()}, {
    "ok": (" 0", None, " ", " "), "wrong": (" 0", None, " ", " "), "re": (" 7", None, " ", " "), "sg": (" 139", " 11", " ", " "),
    "cpu": (" 137", " 9", " hard-timelimit", " "), "wall": (" 137", " 9", " hard-timelimit", " "), "ml": (" 137", " 9", " ", " "),
    "ol": (guard["ol"]["exitcode"], guard["ol"].get("signal"), " ", " stdout"), "pv": (" 159", " 31", " ", " "), "lost": (None, None, None, None),
})  # fmt: skip
equal("runguard: which time", (guard["cpu"]["time-used"], guard["wall"]["time-used"]), (" cpu-time", " wall-time"))
check("runguard: user and system", all(abs(float(m["user-time"]) + float(m["sys-time"]) - float(m["cpu-time"])) < 0.002 for n, m in guard.items() if n != "lost"), guard)
check("runguard: what failed", here + "/absent" in guard["lost"]["internal-error"], guard["lost"])
bad = subprocess.run([PROCTOR, "batch", "--emit", "isolate=-", "-o", here + "/x", each], stderr=subprocess.PIPE, env=clean_env(), check=False)
equal("not to standard output: status 64", bad.returncode, 64)

title("from one run")
solve = put(here, "seven.py", "import sys; sys.exit(7)\n")


def run(*options, words=(solve,)):
    return native([PROCTOR, "run", "-q", *options, "--", *words])


for name in FORMATS + ["isolate", "runguard"]:
    done = run("--emit", f"{name}={here}/one", "--id", "s-1")
    text = put_back(here + "/one")
    wanted = {"junit": 'failures="1"', "tap": "not ok 1 - proctor s-1", "gradescope": '"failed"', "github": "::error ",
              "go-judge": '"exitStatus":7', "isolate": "exitcode:7\nstatus:RE\n", "runguard": "exitcode: 7\n"}  # fmt: skip
    check(f"{name} of one run", done.status == 7 and wanted[name] in text, done, text)
with open(put(here, "three", "123"), "rb") as file:
    reader = [PYTHON, "-c", "import sys; sys.stdin.read()"]
    native([PROCTOR, "run", "-q", "--emit", f"runguard={here}/a", "--emit", f"go-judge={here}/b", "--", *reader], stdin=file)
check("runguard: bytes in", "\nstdin-bytes: 3\n" in put_back(here + "/a"), put_back(here + "/a"))
equal("go-judge: threads at one time", json.loads(put_back(here + "/b"))[0]["procPeak"], 1)
done = run("--emit", f"isolate={here}/a", "--emit", f"tap={here}/b", "--verdict", here + "/v")
check("several, with a verdict", all(os.path.exists(here + "/" + n) for n in "abv"), done)
put(here, "old", "of an earlier run")
done = run("--emit", f"isolate={here}/old", words=[here + "/absent.py"])
check("a run that does not start leaves nothing of an earlier one", done.status == 127 and not os.path.exists(here + "/old"), done)
done = run("--emit", f"isolate={solve}")
check("the program is not replaced: status 64", done.status == 64 and os.path.exists(solve), done)
done = run("--emit", f"isolate={here}/v2", "--verdict", here + "/v2")
equal("nor is the verdict", done.status, 64)
for value, status in ("isolate=-", 64), ("xml=x", 64), ("isolate", 64), ("isolate=", 64), (f"isolate={here}", 64), (f"isolate={here}/no/x", 74):
    equal(f"--emit {value.replace(here, '')}: status {status}", run("--emit", value).status, status)

title("mistakes")
bad = subprocess.run([PROCTOR, "batch", "--emit", "xml=-", "-o", here + "/x", jobs], stderr=subprocess.PIPE, env=clean_env(), check=False)
equal("a format that is none: status 64", bad.returncode, 64)
bad = subprocess.run([PROCTOR, "batch", "-q", "--resume", "--emit", f"tap={here}/no/file", "-o", here + "/lost", jobs], stderr=subprocess.PIPE, env=clean_env(), check=False)
check("a file that cannot be written: status 74", bad.returncode == 74 and b"no/file" in bad.stderr, bad)
finish()
