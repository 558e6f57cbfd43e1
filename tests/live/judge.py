#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""proctor judge: problem packages of both versions and plain folders, each verdict, and whose fault an error is."""
import json
import os
import re
import shutil

import grading
from grading import fill
from harness import check, equal, finish, place, put, skip, survivors, title

# No verdict here may depend on what else the machine does.
SLOW = ["--cpu", "20s", "--wall", "120s"]
here = place()
temporary = place()


def judge(*words):
    return grading.judge(*words, TMPDIR=temporary)


def table(done):
    """{submission: judgement} of what --json printed."""
    try:
        return {j["name"]: j for j in json.loads(done.stdout)["submissions"]}
    except ValueError:
        check("the table is JSON", False, done)
        return {}


def verdicts(done):
    return {name: j["verdict"] for name, j in table(done).items()}


SUM = "print(sum(map(int, input().split())))\n"

title("a plain folder")
plain = fill(here + "/plain", {"1.in": "1 2\n", "1.ans": "3\n", "2.in": "5 5\n", "2.out": "10\n", "10.in": "0 0\n", "10.ans": "0\n"})
subs = fill(
    here + "/subs",
    {
        "right.py": SUM,
        "three.py": "print(3)\n",
        "error.py": "1 // 0\n",
        "syntax.py": "print(\n",
        "nul.py": "print(1)\0\n",
        "folder/main.py": "import other\nother.go()\n",
        "folder/other.py": "def go():\n    " + SUM,
        "broken/main.py": SUM,
        "broken/other.py": "def (\n",
        "spin.py": "while True: pass\n",
        "flood.py": "while True: print(1)\n",
        "eat.py": "x = bytearray(1 << 30)\n",
        "kill.py": "import os; os.kill(os.getpid(), 9)\n",
        "neighbour.py": "print(open('right.py').read())\n",
        "empty.py": "",
        "b\u00e4d n\u00e4me.py": SUM,
    },
)
every = [subs + "/" + name for name in sorted(os.listdir(subs))]
limits = ["--cpu", "2s", "--wall", "120s", "--memory", "128MiB", "--output", "1MiB"]
done = judge("--json", "-o", here + "/out", *limits, plain, *every)
equal("every submission was judged: status 0", done.returncode, 0)
wanted = {
    "right.py": "AC", "three.py": "WA", "error.py": "RE", "syntax.py": "CE", "nul.py": "CE", "folder": "AC", "broken": "CE",
    "spin.py": "TO", "flood.py": "OL", "eat.py": "ML", "kill.py": "SG", "neighbour.py": "RE", "empty.py": "WA",
    "b\u00e4d n\u00e4me.py": "AC",
}  # fmt: skip
equal("each verdict", verdicts(done), wanted)
found = table(done)
equal("the first case that fails, in the order of names", found["three.py"]["first"], "10")
equal("why", found["three.py"]["cause"], "line 1: expected '0', got '3'")
check("an error of syntax is told", "SyntaxError" in found["syntax.py"]["cause"], found["syntax.py"])
equal("every case of the right one was run", (found["right.py"]["cases_run"], found["right.py"]["cases"]), (3, 3))
lines = grading.results(here + "/out")
equal("every line is as the schema says", grading.offences(lines), [])
equal("no run is there twice", len({line["id"] for line in lines}), len(lines))
equal("a run says whose it is", {line["labels"]["submission"] for line in lines}, set(wanted))
check("no copy of a submission is left", not [r for r in os.listdir(here + "/out/runs") if "work" in os.listdir(f"{here}/out/runs/{r}")])
again = judge("--json", "--resume", "-o", here + "/out", *limits, plain, *every)
equal("--resume comes to the same", verdicts(again), wanted)
with open(here + "/out/results.jsonl", encoding="utf-8") as text:
    equal("and runs nothing again", len(text.readlines()), len(lines))
put(subs, "right.py", SUM + "#\n")
again = judge("--resume", "-o", here + "/out", *limits, plain, *every)
check("but not after a submission has changed", again.returncode == 65 and b"another job's" in again.stderr, again)
done = judge("--json", "--until", "all", *SLOW, plain, subs + "/three.py")
equal("--until all runs every case", table(done)["three.py"]["cases_run"], 3)
done = judge(*SLOW, plain, subs + "/right.py", subs + "/three.py")
check("the table is for people", re.search(rb"right.py +AC +3/3 ", done.stdout) and re.search(rb"three.py +WA +", done.stdout), done.stdout)
equal("nothing is left behind", os.listdir(temporary), [])
done = judge("--json", "--checker", "exact", *SLOW, fill(here + "/exact", {"1.in": "", "1.ans": "1"}), fill(here + "/one", {"a.py": "print(1)"}) + "/a.py")
equal("--checker exact", verdicts(done), {"a.py": "WA"})

looks = "import os\nprint(sorted(os.listdir('.')), oct(os.stat('.').st_mode & 0o7777))\n"
cases = {f"{n}.{end}": text for n in range(4) for end, text in (("in", ""), ("ans", "['a.py'] 0o700\n"))}
for way in [], ["--warm", "exact"]:
    done = judge("--json", "-j", "1", *way, *SLOW, "--checker", "exact", fill(here + "/looks", cases), fill(here + "/some", {"a.py": looks}) + "/a.py")
    equal(f"each case has a directory with nothing but the submission {way}", verdicts(done), {"a.py": "AC"})

own = put(here, "own.yaml", "version: 1\nextends: builtin:pure\nread: [\"%{submission}/**\"]\n")
for way in [], ["--warm", "exact"]:
    done = judge("--json", "-p", own, *way, *SLOW, plain, subs + "/right.py", subs + "/syntax.py")
    equal(f"a policy may name the submission {way}", verdicts(done), {"right.py": "AC", "syntax.py": "CE"})

title("a legacy package")
legacy = fill(
    here + "/legacy",
    {
        "problem.yaml": "name: Sums\nvalidation: default\nvalidator_flags: float_tolerance 1e-3\nlimits: {memory: 256, output: 1}\n",
        "domjudge-problem.ini": "name = Sums\ntimelimit = 20\n",
        "data/sample/1.in": "1 2\n",
        "data/sample/1.ans": "Three 3.0\n",
        "data/secret/1.in": "4 4\n",
        "data/secret/1.ans": "Eight 8.0\n",
        "data/secret/strict/testdata.yaml": "output_validator_flags: case_sensitive\n",
        "data/secret/strict/a.in": "9 9\n",
        "data/secret/strict/a.ans": "Eighteen 18\n",
        "submissions/accepted/good.py": "n = sum(map(int, input().split()))\nprint({3: 'three', 8: 'EIGHT', 18: 'Eighteen'}[n], n + 0.0001 * (n < 9))\n",
        "submissions/accepted/other.java": "class other {}\n",
        "submissions/wrong_answer/case.py": "n = sum(map(int, input().split()))\nprint({3: 'three', 8: 'eight', 18: 'eighteen'}[n], n)\n",
        "submissions/run_time_error/crash.py": "1 // 0\n",
        "submissions/rejected/none.py": "print(0)\n",
    },
)
done = judge("--json", "--verify", legacy)
equal("the package's own submissions are as they say: status 0", done.returncode, 0)
equal("their verdicts", verdicts(done), {
    "accepted/good.py": "AC", "wrong_answer/case.py": "WA", "run_time_error/crash.py": "RE", "rejected/none.py": "WA",
})  # fmt: skip
equal("the flags of a group are for that group", table(done)["wrong_answer/case.py"]["first"], "secret/strict/a")
check("what is not Python is said to be left out", b"1 of the package's submissions" in done.stderr, done.stderr)
put(legacy, "submissions/accepted/liar.py", "print(0)\n")
done = judge("--json", "--verify", legacy)
equal("one that is not: status 1", done.returncode, 1)
equal("and which", [n for n, j in table(done).items() if not j["as_wanted"]], ["accepted/liar.py"])

title("a package of 2025-09 with a validator")
VALIDATOR = """\
import sys
given, answer, feedback = sys.argv[1:4]
assert feedback.endswith("/")
limit = int(open(given).read())
words = sys.stdin.read().split()
def say(text):
    open(feedback + "judgemessage.txt", "w").write(text + "\\n")
if words == ["crash"]:
    1 // 0
if words == ["zero"]:
    sys.exit(0)
if words == ["abort"]:
    import os
    say("gone")
    os.abort()
if "exactly" in sys.argv[4:] and words != [str(limit)]:
    say("not exactly %d" % limit)
    sys.exit(43)
if len(words) == 1 and words[0].isdigit() and int(words[0]) <= limit:
    sys.exit(42)
say("not a number up to %d" % limit)
sys.exit(43)
"""
PACKAGE = {
    "problem.yaml": 'problem_format_version: "2025-09"\nname: Up to\nuuid: 1\nlimits:\n  time_limit: 20\n  memory: 256\n',
    "data/sample/1.in": "5\n",
    "data/sample/1.ans": "5\n",
    "data/secret/group/test_group.yaml": "output_validator_args: [exactly]\n",
    "data/secret/group/1.in": "7\n",
    "data/secret/group/1.ans": "7\n",
    "data/secret/own/1.in": "8\n",
    "data/secret/own/1.ans": "8\n",
    "data/secret/own/1.yaml": "args: [--plus, '0']\n",
    "data/secret/own/1.files/table.txt": "8\n",
}
modern = fill(here + "/modern", {**PACKAGE, "output_validator/check.py": VALIDATOR})
CASE = "import os, sys\nn = int(input())\nif sys.argv[1:]: n = int(open('table.txt').read()) + int(sys.argv[2])\n"
subs = fill(
    here + "/modern-subs",
    {
        "right.py": CASE + "print(n)\n",
        "less.py": CASE + "print(n - 1)\n",
        "more.py": CASE + "print(n + 1)\n",
        "crash.py": "print('crash')\n",
        "zero.py": "print('zero')\n",
        "abort.py": "print('abort')\n",
        "error.py": "print(1); 1 // 0\n",
    },
)
done = judge("--json", "-o", here + "/modern-out", modern, *(subs + "/" + n for n in sorted(os.listdir(subs))))
equal("a validator that fails could not judge: status 1", done.returncode, 1)
equal("42 is right, 43 wrong, anything else nobody's answer", verdicts(done), {
    "right.py": "AC", "less.py": "WA", "more.py": "WA", "crash.py": "JE", "zero.py": "JE", "abort.py": "JE", "error.py": "RE",
})  # fmt: skip
found = table(done)
equal("the validator's message is the cause", found["more.py"]["cause"], "not a number up to 5")
equal("its flags come from the group", (found["less.py"]["first"], found["less.py"]["cause"]), ("secret/group/1", "not exactly 7"))
check("what failed is said", "status 1" in found["crash.py"]["cause"] and "SIGABRT" in found["abort.py"]["cause"], found)
checkers = [line.get("checker", {}) for line in grading.results(here + "/modern-out") if line["id"].startswith("abort.py.case")]
# One or two: others may have been under way.
equal("one that a signal ended has no status, and what it said is kept", {(c.get("message"), "status" in c) for c in checkers}, {("gone", False)})
again = judge("--json", "--resume", "-o", here + "/modern-out", modern, subs + "/right.py")
equal("--resume with a validator", verdicts(again), {"right.py": "AC"})
put(modern, "data/secret/own/1.files/table.txt", "9\n")
again = judge("--resume", "-o", here + "/modern-out", modern, subs + "/right.py")
check("but not after a file of a case has changed", again.returncode == 65 and b"another job's" in again.stderr, again)
if shutil.which("c++"):
    native = "#include <cstdlib>\n#include <iostream>\nint main() { int n = 0; std::cin >> n; return n == 7 ? 42 : 43; }\n"
    package = fill(here + "/compiled", {**PACKAGE, "output_validator/v.cc": native})
    done = judge("--json", package, fill(here + "/seven", {"a.py": "print(7)"}) + "/a.py", fill(here + "/six", {"b.py": "print(6)"}) + "/b.py")
    equal("a validator in C++ is compiled", verdicts(done), {"a.py": "AC", "b.py": "WA"})
    judge("-o", here + "/kept", package, here + "/seven/a.py")
    again = judge("--json", "--resume", "-o", here + "/kept", package, here + "/seven/a.py")
    equal("--resume builds it anew, which makes no other job of a case", (again.returncode, verdicts(again)), (0, {"a.py": "AC"}))
    put(package, "output_validator/v.cc", native + "// another\n")
    again = judge("--resume", "-o", here + "/kept", package, here + "/seven/a.py")
    check("a validator that has changed does", again.returncode == 65 and b"another job's" in again.stderr, again)
    put(package, "output_validator/v.cc", "no C++\n")
    done = judge("-o", here + "/broken", package, here + "/seven/a.py")
    check("one that cannot be is an error", done.returncode == 65 and b"validator.log" in done.stderr, done)
else:
    skip("a validator in C++", "there is no c++")
testlib = put(here, "testlib", "#!/bin/sh\nread -r got < \"$2\"\nread -r want < \"$3\"\n[ \"$got\" = 3 ] && exit 3\n[ \"$got\" = \"$want\" ]\n")
os.chmod(testlib, 0o755)
small = fill(here + "/small", {"1.in": "", "1.ans": "1\n"})
trio = [fill(here + "/trio", {f"{n}.py": f"print({n})"}) + f"/{n}.py" for n in (1, 2, 3)]
done = judge("--json", "--checker", "testlib:" + testlib, *SLOW, small, *trio)
equal("a checker with testlib's statuses", verdicts(done), {"1.py": "AC", "2.py": "WA", "3.py": "JE"})

title("mistakes")
one = here + "/plain"
good = here + "/one/a.py"
mistakes = {
    "no such problem": ([here + "/absent", good], 66, "absent"),
    "a problem without cases": ([fill(here + "/none", {"x.txt": ""}), good], 66, "no case"),
    "a case without an answer": ([fill(here + "/half", {"1.in": ""}), good], 66, "no answer"),
    "no such submission": ([one, here + "/absent.py"], 66, "absent.py"),
    "a submission of another language": ([one, put(here, "x.java", "")], 65, "x.java"),
    "a folder with two programs": ([one, fill(here + "/two", {"a.py": "", "b.py": ""})], 66, "/two/* names those"),
    "no submission": ([one], 64, "submissions are needed"),
    "--verify with a submission": (["--verify", one, good], 64, "--verify"),
    "an interactive problem without an interactor": ([fill(here + "/inter", {**PACKAGE, "problem.yaml": "type: interactive\n"}), good], 65, "no output_validator"),
    "legacy interaction without one": ([fill(here + "/inter2", {**PACKAGE, "problem.yaml": "validation: custom interactive\n"}), good], 65, "output_validators"),
    "several passes without a validator": ([fill(here + "/passes", {**PACKAGE, "problem.yaml": "type: [pass-fail, multi-pass]\n"}), good], 65, "several passes"),
    "answers that are submitted": ([fill(here + "/answers", {**PACKAGE, "problem.yaml": "type: submit-answer\n"}), good], 65, "submit-answer"),
    "a limit that is none": ([fill(here + "/lim", {**PACKAGE, "problem.yaml": "limits: {time_limit: fast}\n"}), good], 65, "time_limit"),
    "a key twice": ([fill(here + "/key", {**PACKAGE, "problem.yaml": "name: a\nname: b\n"}), good], 65, "problem.yaml:2"),
    "an anchor": ([fill(here + "/anc", {**PACKAGE, "problem.yaml": "name: &a x\ntype: *a\n"}), good], 65, "problem.yaml:2"),
    "a flag that is none": ([fill(here + "/flag", {**PACKAGE, "problem.yaml": "validator_flags: fuzzy\n"}), good], 65, "exactly|fuzzy"),
    "custom without a validator": ([fill(here + "/cus", {**PACKAGE, "problem.yaml": "validation: custom\n"}), good], 65, "output_validators"),
    "--resume into nowhere": (["--resume", one, good], 64, "--resume"),
    "--until what": (["--until", "noon", one, good], 64, "--until"),
}
for name, (words, status, sentence) in mistakes.items():
    done = judge(*words)
    said = done.stderr.decode()
    check(f"{name}: status {status}, and a sentence", done.returncode == status and any(s in said for s in sentence.split("|")), done)
equal("nothing is left running", survivors(), [])
finish()
