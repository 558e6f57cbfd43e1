#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""proctor judge, problems of several passes: the validator writes the next one's input, and what it may not do is its error."""
import json
import os

from grading import fill, judge, judged
from harness import check, equal, finish, place, put, survivors, title

here = place()

# A number is sent through the program, which sees its own output as the next input. In feedback/ each pass leaves a line.
VALIDATOR = """\
import os, sys
given, answer, feedback = sys.argv[1:4]
passes = int(open(answer).read())
said = sys.stdin.read().split()
before = open(given).read().split()
with open(feedback + "judgemessage.txt", "a") as message:
    with open(feedback + "state", "a") as state:
        done = state.tell()
        state.write("x")
    message.write("pass %d had %s\\n" % (done + 1, " ".join(before)))
    assert not os.path.exists(feedback + "nextpass.in")
    word = said[0] if said else ""
    def again(text):
        open(feedback + "nextpass.in", "w").write(text + "\\n")
    if word == "link":
        os.symlink("state", feedback + "nextpass.in")
        sys.exit(42)
    if word == "both":
        again("x")
        sys.exit(43)
    if word == "die":
        again("x")
        sys.exit(1)
    if word == "endless":
        again("endless")
        sys.exit(42)
    if not said or not said[0].isdigit() or int(said[0]) != int(before[0]) + 1:
        message.write("pass %d: not one more\\n" % (done + 1))
        sys.exit(43)
    if done + 1 < passes:
        again(said[0])
    sys.exit(42)
"""
PACKAGE = {
    "problem.yaml": 'problem_format_version: "2025-09"\nname: One more\nuuid: 1\ntype: multi-pass\n'
    "limits:\n  time_limit: 20\n  memory: 256\n  validation_passes: 3\n",
    "data/secret/1.in": "10\n",
    "data/secret/1.ans": "3\n",
    "output_validator/check.py": VALIDATOR,
}
PROGRAMS = {
    "right.py": ("print(int(input()) + 1)\n", "AC", 3),
    "second.py": ("n = int(input())\nprint(n + 1 if n == 10 else 0)\n", "WA", 2),
    "error.py": ("n = int(input())\nassert n < 12\nprint(n + 1)\n", "RE", 3),
    # Nothing goes from one pass to the next but what the validator passes on.
    "file.py": ("n = int(input())\ntry: open('kept', 'x').write('1')\nexcept OSError: pass\nimport os\nprint(0 if os.path.exists('kept') and n > 10 else n + 1)\n", "AC", 3),
    "both.py": ("print('both')\n", "JE", 1),
    "die.py": ("print('die')\n", "JE", 1),
    "link.py": ("print('link')\n", "JE", 1),
    "endless.py": ("print('endless')\n", "JE", 3),
}  # fmt: skip


title("passes")
package = fill(here + "/package", PACKAGE)
subs = {name: put(here, "subs/" + name, text) for name, (text, _, _) in PROGRAMS.items()}
out = here + "/out"
done = judge("--json", "-o", out, package, *subs.values())
equal("some could not be judged: status 1", done.returncode, 1)
found = judged(out)
for name, (_, verdict, passes) in PROGRAMS.items():
    line = found.get(name, {})
    equal(f"{name} is {verdict}", line.get("verdict"), verdict)
    equal(f"{name}: its passes", len(line.get("passes", [])), passes)
reasons = {name: line["reason"] or "" for name, line in found.items()}
check("another pass may not be asked for with 43", "nextpass.in with status 43" in reasons["both.py"], reasons)
check("nor with a failure, which is told itself", "status 1" in reasons["die.py"], reasons)
check("nor by a link", "no file" in reasons["link.py"], reasons)
check("nor for ever", "more than 3 passes" in reasons["endless.py"], reasons)
run = os.path.join(out, found["right.py"]["run"]["directory"])
equal("each pass is kept", sorted(os.listdir(run)), ["checker", "feedback", "input-2", "input-3", "log.jsonl", "pass-1", "pass-2", "stderr", "stdout", "verdict.json"])
equal("with what belongs to it", sorted(os.listdir(run + "/pass-1")), ["checker", "log.jsonl", "stderr", "stdout", "verdict.json"])
texts = {name: open(run + "/" + name, encoding="utf-8").read() for name in ("input-2", "pass-2/stdout", "stdout", "feedback/judgemessage.txt")}
equal("the input of one is what the validator wrote", (texts["input-2"], texts["pass-2/stdout"], texts["stdout"]), ("11\n", "12\n", "13\n"))
equal("the validator is given it too", texts["feedback/judgemessage.txt"], "pass 1 had 10\npass 2 had 11\npass 3 had 12\n")
equal("what is left of the last pass is told", found["second.py"]["checker"]["message"], "pass 2: not one more")
check("each has its verdict", {p["status"] for p in found["error.py"]["passes"][:2]} == {"OK"} and found["error.py"]["passes"][2]["status"] == "RE", found["error.py"])
for p in found["right.py"]["passes"]:
    check("and its time", p["cpu_ns"] > 0 and p["wall_ns"] > 0 and p["memory_bytes"] > 0, p)
table = {j["name"]: j for j in json.loads(done.stdout)["submissions"]}
equal("the table has the most of any pass", table["right.py"]["cpu_ns"], max(p["cpu_ns"] for p in found["right.py"]["passes"]))
again = judge("--json", "--resume", "-o", out, package, subs["right.py"])
equal("--resume comes to the same", json.loads(again.stdout)["submissions"][0]["verdict"], "AC")

title("how many")
two = fill(here + "/two", {**PACKAGE, "problem.yaml": PACKAGE["problem.yaml"].replace("  validation_passes: 3\n", "")})
done = judge("-o", here + "/two-out", two, subs["right.py"])
check("two, where nothing is said", "more than 2 passes" in judged(here + "/two-out")["right.py"]["reason"], done)
for number in "1", "x", "0.5":
    bad = fill(here + "/bad", {**PACKAGE, "problem.yaml": PACKAGE["problem.yaml"].replace("passes: 3", "passes: " + number)})
    done = judge(bad, subs["right.py"])
    check(f"not {number}: status 65", done.returncode == 65 and b"validation_passes" in done.stderr, done)
put(two, "data/secret/1.ans", "1\n")
done = judge("-q", "-o", here + "/one-out", two, subs["right.py"])
equal("one may be enough", (judged(here + "/one-out")["right.py"]["verdict"], len(judged(here + "/one-out")["right.py"]["passes"])), ("AC", 1))
done = judge("--checker", "exact", package, subs["right.py"])
check("--checker: status 64, and why", done.returncode == 64 and b"several passes" in done.stderr, done)

title("interactive, in several passes")
INTERACTOR = """\
import sys
given, answer, feedback = sys.argv[1:4]
number = int(open(given).read())
print(number, flush=True)
said = sys.stdin.readline()
if said.strip() != str(number + 1):
    sys.exit(43)
if number < 12:
    open(feedback + "nextpass.in", "w").write("%d\\n" % (number + 1))
sys.exit(42)
"""
talks = {name: text for name, text in PACKAGE.items() if name != "output_validator/check.py"}
talks = fill(here + "/talks", {**talks, "problem.yaml": PACKAGE["problem.yaml"].replace("type: multi-pass", "type: [multi-pass, interactive]"),
                       "output_validator/interact.py": INTERACTOR})  # fmt: skip
done = judge("-q", "-o", here + "/talks-out", talks, subs["right.py"], subs["second.py"], subs["error.py"])
found = judged(here + "/talks-out")
equal("is judged alike", {name: (line["verdict"], len(line["passes"])) for name, line in found.items()}, {
    "right.py": ("AC", 3), "second.py": ("WA", 2), "error.py": ("RE", 3),
})  # fmt: skip
run = os.path.join(here + "/talks-out", found["right.py"]["run"]["directory"])
said = []
for name in "pass-1/", "pass-2/", "":
    with open(run + "/" + name + "interaction", encoding="utf-8") as text:
        said.append([line.split(None, 1)[1].rstrip("\n") for line in text if "#" not in line])
equal("with a transcript of each", said, [["< 10", "> 11"], ["< 11", "> 12"], ["< 12", "> 13"]])
equal("nothing is left running", survivors(), [])
finish()
