#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""proctor judge on problems that have scores: groups of both versions of the package format, what a validator says, what
does not count any more and is not run, and packages that are wrong. check_score has what counts, case by case."""
import json
import os
import re

import grading
from grading import fill
from harness import check, equal, finish, place, title

SLOW = ["--cpu", "20s", "--wall", "120s"]
here = place()


def judge(*words):
    return grading.judge(*SLOW, *words, TMPDIR=here)


def table(done):
    try:
        return {j["name"]: j for j in json.loads(done.stdout)["submissions"]}
    except ValueError:
        check("the table is JSON", False, done)
        return {}


def scores(judged):
    """Score, and those of its groups by their names."""
    return judged["score"], {group["name"].rpartition("/")[2]: group["score"] for group in judged["groups"]}


def cases(*names):
    """Cases whose input is their own name, and whose answer is that too."""
    return {f"data/{name}.{end}": name + "\n" for name in names for end in ("in", "ans")}


def ran(directory):
    """{submission: the cases that were run}."""
    told = {}
    for line in grading.results(directory):
        if line["labels"]["case"] != "syntax":
            told.setdefault(line["labels"]["submission"], []).append(line["labels"]["case"].partition("/")[2])
    return {name: sorted(all) for name, all in told.items()}


def but(*wrong):
    """A submission that is right but for these cases."""
    return f"n = input()\nprint('no' if n in {wrong!r} else n)\n"


title("2025-09")
new = fill(here + "/new", {
    "problem.yaml": 'problem_format_version: "2025-09"\nname: x\nuuid: y\ntype: scoring\n',
    **cases("sample/1", "secret/a/1", "secret/a/2", "secret/b/1", "secret/b/2", "secret/c/1", "secret/c/2", "secret/d/1"),
    "data/secret/a/test_group.yaml": "max_score: 10\n",
    "data/secret/b/test_group.yaml": "max_score: 30\nscore_aggregation: sum\n",
    "data/secret/c/test_group.yaml": "max_score: 40\nscore_aggregation: min\nrequire_pass: a\n",
    "data/secret/d/test_group.yaml": "max_score: 20\nrequire_pass: [sample, a]\n",
})  # fmt: skip
subs = fill(here + "/subs", {
    "all.py": but(), "a.py": but("secret/a/1"), "b.py": but("secret/b/1"), "c.py": but("secret/c/1"), "sample.py": but("sample/1"), "syntax.py": "(",
})  # fmt: skip
every = [subs + "/" + name for name in sorted(os.listdir(subs))]
done = judge("--json", "-o", here + "/out", "--emit", f"gradescope={here}/grades", new, *every)
found = table(done)
equal("scores", {name: scores(j) for name, j in found.items()}, {
    "all.py": (100, {"secret": 100, "a": 10, "b": 30, "c": 40, "d": 20}),
    "a.py": (30, {"secret": 30, "a": 0, "b": 30, "c": 0, "d": 0}),
    "b.py": (85, {"secret": 85, "a": 10, "b": 15, "c": 40, "d": 20}),
    "c.py": (60, {"secret": 60, "a": 10, "b": 30, "c": 0, "d": 20}),
    "sample.py": (80, {"secret": 80, "a": 10, "b": 30, "c": 40, "d": 0}),
    "syntax.py": (None, {}),
})  # fmt: skip
equal("verdicts are those of the first that failed", {name: (j["verdict"], j["first"]) for name, j in found.items()}, {
    "all.py": ("AC", None), "a.py": ("WA", "secret/a/1"), "b.py": ("WA", "secret/b/1"), "c.py": ("WA", "secret/c/1"), "sample.py": ("WA", "sample/1"),
    "syntax.py": ("CE", None),
})  # fmt: skip
equal("how much there is", {j["max_score"] for j in found.values()}, {100, None})
lines = grading.results(here + "/out")
equal("lines are as the schema says", grading.offences(lines), [])
equal("a line has its case's score", {line["labels"]["case"]: (line.get("score"), line.get("max_score")) for line in lines if line["labels"]["submission"] == "all.py"}, {
    "syntax": (None, None), "sample/1": (None, None), "secret/a/1": (None, None), "secret/a/2": (None, None), "secret/b/1": (15, 15),
    "secret/b/2": (15, 15), "secret/c/1": (40, 40), "secret/c/2": (40, 40), "secret/d/1": (None, None),
})  # fmt: skip
order = ran(here + "/out")
equal("what a failed group is required for is not run", [c for c in order["a.py"] if c[0] in "cd"], [])
check("all of a sum is", {"b/1", "b/2"} <= set(order["b.py"]), order)
again = judge("--json", "-o", here + "/out", "--resume", new, *every)
equal("again, from what is there", (table(again), len(grading.results(here + "/out"))), (found, len(lines)))
done = judge("--json", "--until", "all", "-j", "1", new, subs + "/a.py")
equal("with every case run it is the same score", (scores(table(done)["a.py"]), table(done)["a.py"]["cases_run"]), (scores(found["a.py"]), 8))
done = judge("--emit", f"gradescope={here}/grades", "--emit", f"go-judge={here}/go", new, subs + "/b.py")
check("the table for people has scores", b"score" in done.stdout and b" 85/100 " in done.stdout, done)
with open(here + "/grades", encoding="utf-8") as text:
    grades = json.load(text)
equal("Gradescope: the score is the submission's, and not one for each case", (grades["score"], [t for t in grades["tests"] if "score" in t]), (85, []))
with open(here + "/go", encoding="utf-8") as text:
    equal("go-judge: a status for each", {one["status"] for one in json.load(text)}, {"Accepted", "Wrong Answer"})
check("and tests have passed or failed", {t["name"]: t["status"] for t in grades["tests"]}["b.py secret/b/1"] == "failed", grades)

title("a validator's scores")
VALIDATOR = """\
import sys
kind, *rest = sys.stdin.read().split()
folder = sys.argv[3]
if kind in ("score", "both"): open(folder + "score.txt", "w").write(rest[0])
if kind in ("part", "both"): open(folder + "score_multiplier.txt", "w").write(rest[0])
sys.exit(43 if "reject" in rest else 42)
"""
custom = fill(here + "/custom", {
    "problem.yaml": 'problem_format_version: "2025-09"\nname: x\nuuid: y\ntype: scoring\n', "output_validator/run.py": VALIDATOR, **cases("secret/1", "secret/2"),
})  # fmt: skip
free = fill(here + "/free", {
    "problem.yaml": 'problem_format_version: "2025-09"\nname: x\nuuid: y\ntype: scoring\n', "output_validator/run.py": VALIDATOR, **cases("secret/1"),
    "data/secret/test_group.yaml": "max_score: unbounded\n",
})  # fmt: skip
says = {"half": "part 0.5", "ten": "score 10", "whole": "plain", "more": "score 51", "negative": "score -1", "text": "score ten", "nan": "score nan", "twice": "both 0.5",
        "two": "part 2", "not": "score 10 reject", "nothing": "plain reject"}  # fmt: skip
says = {name: fill(here + "/says", {name + ".py": f"print({text!r})\n"}) + f"/{name}.py" for name, text in says.items()}
found = table(judge("--json", custom, *says.values()))
equal("of a case with a greatest score", {name[:-3]: (j["score"], j["verdict"]) for name, j in found.items()}, {
    "half": (50, "AC"), "ten": (20, "AC"), "whole": (100, "AC"), "more": (None, "JE"), "negative": (None, "JE"), "text": (None, "JE"), "nan": (None, "JE"),
    "twice": (None, "JE"), "two": (None, "JE"), "not": (None, "JE"), "nothing": (0, "WA"),
})  # fmt: skip
check("an error says what it is", "score.txt" in found["more.py"]["cause"], found["more.py"])
found = table(judge("--json", free, *[says[name] for name in ("half", "ten", "whole", "more", "nothing")]))
equal("of one without", {name[:-3]: (j["score"], j["max_score"], j["verdict"]) for name, j in found.items()}, {
    "half": (None, None, "JE"), "ten": (10, None, "AC"), "whole": (None, None, "JE"), "more": (51, None, "AC"), "nothing": (0, None, "WA"),
})  # fmt: skip

title("legacy")
legacy = fill(here + "/legacy", {
    "problem.yaml": "name: x\ntype: scoring\ngrading: {objective: max}\n", ".timelimit": "10\n",
    "data/testdata.yaml": "grader_flags: ignore_sample\non_reject: continue\n",
    "data/secret/testdata.yaml": "grader_flags: sum always_accept\non_reject: continue\nrange: 0 100\n",
    "data/secret/a/testdata.yaml": "grader_flags: min\non_reject: break\naccept_score: 40\n",
    "data/secret/b/testdata.yaml": "grader_flags: sum first_error\non_reject: continue\naccept_score: 30\n",
    **cases("sample/1", "secret/a/1", "secret/a/2", "secret/b/1", "secret/b/2"),
})  # fmt: skip
files = [fill(here + "/old", {"all.py": but(), "a.py": but("secret/a/1"), "b.py": but("secret/b/1"), "sample.py": but("sample/1")}) + "/" + n for n in ("all.py", "a.py", "b.py", "sample.py")]
found = table(judge("--json", "-o", here + "/old-out", legacy, *files))
equal("graders", {name: (j["verdict"], *scores(j)) for name, j in found.items()}, {
    "all.py": ("AC", 100, {"sample": 1, "secret": 100, "a": 40, "b": 60}), "a.py": ("AC", 60, {"sample": 1, "secret": 60, "a": 0, "b": 60}),
    "b.py": ("AC", 40, {"sample": 1, "secret": 40, "a": 40, "b": 0}), "sample.py": ("AC", 100, {"sample": 0, "secret": 100, "a": 40, "b": 60}),
})  # fmt: skip
fill(legacy, {"data/testdata.yaml": "grader_flags: ignore_sample\non_reject: continue\nrange: 0 100\n", "submissions/partially_accepted/a.py": but("secret/a/1"),
              "submissions/partially_accepted/all.py": but(), "submissions/accepted/all.py": but()})  # fmt: skip
done = judge("--json", "--verify", legacy)
equal("partially_accepted is less than all", (done.returncode, [n for n, j in table(done).items() if not j["as_wanted"]]), (1, ["partially_accepted/all.py"]))
fill(legacy, {"data/secret/testdata.yaml": "grader_flags: sum\n", "data/testdata.yaml": "grader_flags: ignore_sample\n"})
found = table(judge("--json", legacy, *files))
equal("one that is not accepted has none", {name: (j["verdict"], j["score"], j["first"]) for name, j in found.items()}, {
    "all.py": ("AC", 100, None), "a.py": ("WA", None, "secret/a/1"), "b.py": ("WA", None, "secret/b/1"), "sample.py": ("AC", 100, None),
})  # fmt: skip

title("a package's own submissions")
own = {"accepted/all.py": but(), "rejected/a.py": but("secret/a/1"), "mixed/b.py": but("secret/b/1"), "mixed/syntax.py": "(", "mixed/crash.py": "n = input()\nprint(n)\nif n == 'secret/b/1': 1 // 0\n"}
fill(new, {"submissions/" + name: text for name, text in own.items()})
RULES = "accepted: {score: 100}\nmixed/{b,crash}.py: {score: [80, 90]}\nmixed/b.py: {permitted: [AC, WA], required: WA}\nmixed/{crash,other}.py: {permitted: [AC, RTE], required: [RTE]}\n"
fill(new, {"submissions/submissions.yaml": RULES})
done = judge("--json", "--verify", new)
equal("as they are to be: status 0", (done.returncode, [n for n, j in table(done).items() if not j["as_wanted"]]), (0, []))
for sentence, rules, which in (
    ("another score", "accepted/*: {score: 99.5}\n", ["accepted/all.py"]), ("a range that is missed", "'*/*.py': {score: [0, 85]}\n", ["accepted/all.py", "mixed/syntax.py"]),
    ("what is not permitted", "mixed: {permitted: [AC, WA]}\n", ["mixed/crash.py", "mixed/syntax.py"]), ("what is required", "mixed: {required: [TLE, RTE]}\n", ["mixed/b.py", "mixed/syntax.py"]),
    ("a folder that means something else", "rejected: {permitted: [AC]}\n", ["rejected/a.py"]), ("nothing of what is elsewhere", "b.py: {score: 1}\nmixed/c: {score: 1}\n", []),
):  # fmt: skip
    fill(new, {"submissions/submissions.yaml": rules})
    done = judge("--json", "--verify", "--resume", "-o", here + "/verify", new)
    equal(sentence, [n for n, j in table(done).items() if not j["as_wanted"]], which)
fill(new, {"submissions/submissions.yaml": "mixed: {secret/a: {permitted: [AC]}, message: hello}\n"})
done = judge("--verify", "--resume", "-o", here + "/verify", new)
check("what is not looked at is told", b"2 rules" in done.stderr, done)
for rules in "mixed: {permitted: [OLE]}\n", "mixed: {score: [2, 1]}\n", "mixed: 1\n":
    fill(new, {"submissions/submissions.yaml": rules})
    equal(f"{rules.strip()}: status 65", judge("--verify", new).returncode, 65)

title("packages that are wrong")
for sentence, file, text in (
    ("a group without a greatest score", "secret/a/test_group.yaml", "score_aggregation: sum\n"),
    ("pass-fail without one", "secret/a/test_group.yaml", "max_score: unbounded\n"),
    ("an aggregation that is none", "secret/a/test_group.yaml", "max_score: 10\nscore_aggregation: max\n"),
    ("a score that is none", "secret/a/test_group.yaml", "max_score: 1.5\n"),
    ("what comes behind is required", "secret/a/test_group.yaml", "max_score: 10\nrequire_pass: d\n"),
    ("what is not there is required", "secret/c/test_group.yaml", "max_score: 40\nrequire_pass: z\n"),
    ("a sum is required", "secret/c/test_group.yaml", "max_score: 40\nrequire_pass: b\n"),
    ("samples with a score", "sample/test_group.yaml", "max_score: 1\n"),
    ("secret is pass-fail, and a group is not", "secret/test_group.yaml", "score_aggregation: pass-fail\n"),
    ("a static validator", "secret/a/test_group.yaml", "max_score: 10\nstatic_validation_score: 5\n"),
):
    path = f"{new}/data/{file}"
    before = open(path, encoding="utf-8").read() if os.path.exists(path) else None
    fill(new, {"data/" + file: text})
    done = judge(new, subs + "/all.py")
    check(f"{sentence}: status 65", done.returncode == 65 and os.path.dirname(file).encode() in done.stderr, done)
    fill(new, {"data/" + file: before}) if before is not None else os.unlink(path)
fill(new, {"data/secret/1.in": "1", "data/secret/1.ans": "1"})
equal("cases beside groups: status 65", judge(new, subs + "/all.py").returncode, 65)
for sentence, text in ("a grader that is not known", "grader_flags: median\n"), ("one of its own", "grading: custom\n"), ("a range that is none", "range: 2 1\n"):
    fill(legacy, {"data/secret/a/testdata.yaml": text})
    equal(f"{sentence}: status 65", judge(legacy, files[0]).returncode, 65)
passing = {"problem.yaml": "validation: default\n", "data/secret/1.in": "1\n", "data/secret/1.ans": "1\n"}
newer = {**passing, "problem.yaml": "problem_format_version: 2025-09\ntype: pass-fail\n", "static_validator/v.py": "raise SystemExit(43)\n"}
for sentence, package, file, text, named in (
    ("legacy", passing, "data/testdata.yaml", "grading: custom\n", b"graders/"), ("legacy, in a group", passing, "data/secret/testdata.yaml", "grading: [x]\n", b"grading"),
    ("2025-09", newer, "data/secret/test_group.yaml", "static_validation_score: pass-fail\n", b"static_validation_score: static validators"),
    ("2025-09, arguments alone", newer, "data/sample/test_group.yaml", "static_validator_args: [x]\n", b"static_validator_args"),
):  # fmt: skip
    where = here + "/refused-" + re.sub(r"\W", "", sentence)
    fill(where, package)
    done = judge(where, subs + "/all.py")
    check(f"without them it is judged: {sentence}", done.returncode in (0, 1), done)
    fill(where, {file: text})
    done = judge(where, subs + "/all.py")
    check(f"what decides the verdict and is not run is refused, with its name, without scores too: {sentence}",
          done.returncode == 65 and named in done.stderr and file.encode() in done.stderr, done)
for sentence, kind in ("pass-fail", {"problem.yaml": "validation: default\n"}), ("without problem.yaml", {}):
    where = fill(here + "/root-" + sentence[:4], {**kind, "data/secret/1.in": "1\n", "data/secret/1.ans": "1.0\n"})
    one = judge(where, subs + "/all.py")
    fill(where, {"data/testdata.yaml": "output_validator_flags: float_tolerance 1e-6\n"})
    two = judge(where, subs + "/all.py")
    check(f"flags for all of the data hold for each case: {sentence}", (one.returncode, two.returncode) == (0, 0) and b"WA" in one.stdout and
          b"AC" in two.stdout, one, two)
finish()
