#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""proctor batch: a verdict for each job, none harms another, and every mistake has its sentence."""
import json
import os
import shutil
import signal
import subprocess

import grading
from grading import batch
from harness import PROCTOR, PYTHON, check, clean_env, equal, finish, place, put, skip, survivors, title, wait_for

# What every job here is under: the machine's other work must not be taken for the program's.
LIMITS = {"cpu": "20s", "wall": "120s"}


def lines(*jobs):
    return "".join(json.dumps(job) + "\n" for job in jobs)


def results(directory):
    told = grading.results(directory)
    names = [r["id"] for r in told]
    equal("each run has one line", sorted(set(names)), sorted(names))
    return {r["id"]: r for r in told}


def job(name, code, **more):
    more.setdefault("limits", LIMITS)
    return {"id": name, "argv": [PYTHON, "-c", code], **more}


here = place()
add = put(here, "add.py", "print(sum(map(int, input().split())))\n")
put(here, "two.in", "1 2\n")
put(here, "two.ans", "3\n")
put(here, "name.with-no-ending", "import sys; print(sys.argv[1:])\n")

title("what becomes of each job")
grandchild = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)'])"
jobs = put(
    here,
    "jobs.jsonl",
    lines(
        {"id": "right", "script": add, "stdin": here + "/two.in", "expected": here + "/two.ans", "limits": LIMITS},
        {"id": "wrong", "script": add, "stdin_text": "1 2", "expected_text": "1\n2\n", "labels": {"a": "b\u00e9"}},
        job("plain", "print(1)"),
        job("error", "print(1); 1 // 0", expected_text="1\n"),
        job("signal", "import os; os.kill(os.getpid(), 11)"),
        job("forks", "import os\nwhile True: os.fork()"),
        job("starts", grandchild),
        job("hangs", "import time; time.sleep(1000)", limits={"wall": "1s"}),
        job("spins", "while True: pass", limits={"cpu": "300ms", "wall": "120s"}),
        job("floods", "while True: print('x' * 1000)", limits={"output": "100KiB", **LIMITS}),
        job("eats", "x = bytearray(1 << 30)", limits={"memory": "64MiB", **LIMITS}),
        job("strict", "open('/etc/passwd')", policy=put(here, "strict.yaml", "version: 1\nextends: builtin:python\non_deny: kill\n")),
        {"id": "alone", "script": put(here, "alone.py", f"open('{add}')\n"), "submission": here + "/alone.py", "limits": LIMITS},
        job("no-input", "", stdin=here + "/absent"),
        job("no-answer", "", expected=here + "/absent"),
        {"id": "no-script", "script": here + "/absent.py"},
        job("bad-policy", "", policy=put(here, "bad.yaml", "version: 1\nwrong: 1\n")),
        {"id": "words", "script": here + "/name.with-no-ending", "args": ["a b", "-c"], "expected_text": "['a b', '-c']\n"},
        job("float", "print(0.30000000004)", checker="float:1e-6", expected_text="0.3"),
        job("exact", "print(1)", checker="exact", expected_text="1"),
        job("escape", "print('a\\x1b[2J\\u202e')", expected_text="b"),
    ),
)
done = batch("-o", here + "/out", "-j", "3", jobs)
found = results(here + "/out")
wanted = {
    "right": "AC", "wrong": "WA", "plain": "OK", "error": "RE", "signal": "SG", "forks": "RE", "starts": "RE",
    "hangs": "TO", "spins": "TO", "floods": "OL", "eats": "ML", "strict": "PV", "no-input": "JE",
    "no-answer": "JE", "no-script": "JE", "bad-policy": "JE", "words": "AC", "float": "AC", "exact": "WA",
    "escape": "WA", "alone": "RE",
}  # fmt: skip
for name, verdict in wanted.items():
    equal(f"{name} is {verdict}", found.get(name, {}).get("verdict"), verdict)
equal("some runs could not be judged: status 1", done.returncode, 1)
check("the program's error is not a judge's: no reason", found["error"]["reason"] is None)
check("a missing input is named", here + "/absent" in (found["no-input"]["reason"] or ""), found["no-input"])
check("a missing script is named", "absent.py" in (found["no-script"]["reason"] or ""), found["no-script"])
check("a wrong policy is named with its line", "bad.yaml:2" in (found["bad-policy"]["reason"] or ""), found["bad-policy"])
check("and all of them on standard error", done.stderr.count(b" is not judged: ") == 4, done.stderr)
equal("the first line that differs is told", found["wrong"]["difference"], {"line": 1, "expected": "1", "got": "3"})
equal("labels are kept", found["wrong"]["labels"], {"a": "b\u00e9"})
equal("what the program writes is escaped", found["escape"]["difference"]["got"], "a\\x1b[2J\\u{202e}")
equal("every line is as the schema says", grading.offences(found.values()), [])
check("and one that is not is found", grading.offences([{**found["right"], "verdict": "XX", "more": 1}]))
run = here + "/out/runs/right"
equal("a run's files", sorted(os.listdir(run)), ["log.jsonl", "stderr", "stdout", "verdict.json"])
with open(run + "/verdict.json", encoding="utf-8") as text:
    verdict = json.load(text)
equal("the verdict is this run's", verdict["run"]["id"], found["right"]["run"]["id"])
with open(run + "/stdout", encoding="utf-8") as text:
    equal("the output is kept", text.read(), "3\n")
with open(here + "/out/summary.json", encoding="utf-8") as text:
    summary = json.load(text)
equal("the summary counts", summary["verdicts"]["JE"], 4)
equal("and is complete", (summary["complete"], summary["runs"]), (True, len(wanted)))
equal("nothing is left running", survivors(), [])

title("going on")
again = batch("-o", here + "/out", jobs)
equal("without --resume, results are not touched", again.returncode, 64)
check("and that is said", b"--resume" in again.stderr, again.stderr)
with open(here + "/out/results.jsonl", "rb") as text:
    before = text.read()
equal("with it, all is done already", batch("-o", here + "/out", "--resume", jobs).returncode, 1)
with open(here + "/out/results.jsonl", "rb") as text:
    equal("and nothing is done twice", text.read(), before)
with open(here + "/out/results.jsonl", "ab") as text:
    text.write(b'{"schema":"proctor.result/1","id":"to')
equal("half a line at the end is no result", batch("-o", here + "/out", "--resume", jobs).returncode, 1)
with open(here + "/out/results.jsonl", "rb") as text:
    equal("and is cut off", text.read(), before)
other = batch("-o", here + "/out", "--resume", "--tasks", "7", jobs)
check("results under other options are not taken for these", other.returncode == 65 and b"another job's" in other.stderr, other)
with open(here + "/out/results.jsonl", "r+b") as text:
    text.write(b"[")
equal("a file that is none of results is left alone", batch("-o", here + "/out", "--resume", jobs).returncode, 65)

title("mistakes")
mistakes = {
    "no JSON": ("{\n", "not a JSON object"),
    "a list": ("[]\n", "not a JSON object"),
    "no name": (lines({"script": "a.py"}), '"id": missing'),
    "a name that leaves the directory": (lines(job("../x", "")), '"id"'),
    "a name with a slash": (lines(job("a/b", "")), '"id"'),
    "a hidden name": (lines(job(".lock", "")), '"id"'),
    "an unknown member": (lines(job("a", "", stdn="x")), '"stdn": there is no such member'),
    "a member twice": ('{"id":"a","id":"b","script":"x.py"}\n', "duplicate"),
    "no program": (lines({"id": "a"}), "either"),
    "two programs": (lines(job("a", "", script="x.py")), "either"),
    "two inputs": (lines(job("a", "", stdin="x", stdin_text="y")), '"stdin_text"'),
    "an unknown limit": (lines(job("a", "", limits={"time": "1s"})), '"limits"'),
    "a limit of no kind": (lines(job("a", "", limits={"cpu": [1]})), '"limits"'),
    "a NUL in a word": ('{"id":"a","argv":["a\\u0000b"]}\n', "NUL|not a list"),
    "a label of no text": (lines(job("a", "", labels={"x": 1})), '"labels"'),
    "a bad checker": (lines(job("a", "", checker="fuzzy")), "fuzzy"),
    "a checker that is not there": (lines(job("a", "", checker="/absent/checker")), "/absent/checker"),
    "a name twice": (lines(job("a", ""), job("b", ""), job("a", "")), 'the name "a" is that of line 2'),
}
for name, (text, sentence) in mistakes.items():
    done = batch("-o", here + "/none", put(here, "mistake.jsonl", lines(job("good", "")) + text))
    said = done.stderr.decode()
    fits = any(part in said for part in sentence.split("|"))
    check(f"{name}: status 65, and where", done.returncode == 65 and "mistake.jsonl:" in said and fits, done)
check("nothing ran for any of them", not os.path.exists(here + "/none"))
equal("no file of jobs: status 66", batch("-o", here + "/none", here + "/absent").returncode, 66)
equal("a directory: status 66", batch("-o", here + "/none", here).returncode, 66)
equal("no directory for results: status 64", batch(jobs).returncode, 64)
equal("a directory that cannot be made: status 74", batch("-o", here + "/a/b", jobs).returncode, 74)
for bad in ["-j", "0"], ["-j", "x"], ["--cpu", "soon"], ["--memory", "-1"], ["--checker", "none"], ["--nonsense"]:
    equal(f"{' '.join(bad)}: status 64", batch("-o", here + "/none", *bad, jobs).returncode, 64)

title("jobs that come through a pipe")
pipe = subprocess.Popen(
    [PROCTOR, "batch", "-q", "-o", here + "/pipe", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_env()
)
pipe.stdin.write(lines(job("first", "")).encode())
pipe.stdin.flush()


def recorded():
    try:
        with open(here + "/pipe/results.jsonl", "rb") as text:
            return text.read().count(b"\n")
    except OSError:
        return 0


check("a job runs when its line has come", wait_for(lambda: recorded() == 1, 60))
# The lock, held by the batch that waits.
done = batch("-o", here + "/pipe", "-")
check("a second batch is refused the directory", done.returncode == 64 and b"at work" in done.stderr, done)
pipe.stdin.write(lines(job("first", "")).encode() + lines(job("late", "")).encode())
pipe.stdin.close()
error = pipe.stderr.read()
equal("a name that comes again ends it", (pipe.wait(60), b"two jobs" in error), (65, True))
equal("what was done is kept", sorted(results(here + "/pipe")), ["first"])

jobs = lines(job("begins", ""), job("no-input", "", stdin=here + "/absent"), job("neither", "", stdin=here + "/absent"), job("last", ""))
batch("-j", "1", "-o", here + "/order", put(here, "order.jsonl", jobs))
equal("results stand in the order of their ends, also where a run cannot begin", list(results(here + "/order")),
      ["begins", "no-input", "neither", "last"])

title("signals and a full disk")
sleepers = put(here, "sleep.jsonl", lines(*(job(f"s{i}", "import time; time.sleep(600)", limits={"wall": "900s"}) for i in range(4))))
child = subprocess.Popen([PROCTOR, "batch", "-o", here + "/sleep", sleepers], stderr=subprocess.PIPE, env=clean_env())
wait_for(lambda: os.path.exists(here + "/sleep/runs/s0/log.jsonl"), 60)
child.send_signal(signal.SIGTERM)
error = child.stderr.read()
equal("SIGTERM ends it with 143", child.wait(60), 143)
check("and it says how to go on", b"--resume" in error, error)
equal("a run that was under way has no result", results(here + "/sleep"), {})
equal("and nothing is left of it", survivors(), [])

full = place()
big = put(full, "big.jsonl", lines(*(job(f"b{i}", "print('x' * 3000000)", limits={"output": "8MiB", **LIMITS}) for i in range(9))))
script = 'mount -t tmpfs -o size=12m none "$1" && shift && exec "$@"'
space = ["unshare", "-rm", "sh", "-c", script, "-", put(full, "d/x", "").rpartition("/")[0]]
if not shutil.which("unshare") or subprocess.run([*space, "true"], stderr=subprocess.DEVNULL, check=False).returncode:
    skip("a full disk", "no file system can be mounted here")
else:
    command = [*space, "sh", "-c", '"$@"; s=$?; cat "$4/results.jsonl"; exit $s', "-", PROCTOR, "batch", "-o", full + "/d", big]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_env(), check=False)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    check("a full disk ends the batch with 74", done.returncode == 74, done)
    check("and a sentence", b"full" in done.stderr or b"could not be written" in done.stderr, done.stderr)
    check("no program is blamed for it", told and {r["verdict"] for r in told} == {"OK"}, told)
finish()
