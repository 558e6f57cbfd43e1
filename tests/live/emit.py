#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--emit of proctor judge and batch: read back by the readers of each format, as far as they are installed."""
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as xml

from harness import PROCTOR, check, clean_env, equal, finish, place, put, skip, title

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
bad = subprocess.run([PROCTOR, "batch", "--emit", "xml=-", "-o", here + "/x", jobs], stderr=subprocess.PIPE, env=clean_env(), check=False)
equal("a format that is none: status 64", bad.returncode, 64)
bad = subprocess.run([PROCTOR, "batch", "-q", "--resume", "--emit", f"tap={here}/no/file", "-o", here + "/lost", jobs], stderr=subprocess.PIPE, env=clean_env(), check=False)
check("a file that cannot be written: status 74", bad.returncode == 74 and b"no/file" in bad.stderr, bad)
finish()
