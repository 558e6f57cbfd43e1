#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""proctor judge, interactive problems: who ended first decides, neither side hangs, and what was said is kept."""
import json
import os
import re
import shutil
import signal
import subprocess

from grading import fill, judge, judged
from harness import PROCTOR, check, clean_env, descendants, equal, finish, not_held, place, put, skip, survivors, title, wait_for

here = place()

# Guess a number: "higher", "lower", or nothing more. A first word of the program's chooses what else it does.
INTERACTOR = """\
import os, sys, time
given, answer, feedback = sys.argv[1:4]
def told(text):  # the transcript has it
    return text in open(os.path.join(feedback, "..", "interaction")).read()
secret, limit = map(int, open(given).read().split())
def end(status, text):
    open(feedback + "judgemessage.txt", "w").write(text + "\\n")
    sys.exit(status)
def tell(text):
    print(text, flush=True)
tell("guess")
for tries in range(limit + 1):
    words = sys.stdin.readline().split()
    if words == ["hang"]:
        while True: time.sleep(1000)
    if words == ["spin"]:
        while True: pass
    if words == ["crash"]:
        1 // 0
    if words == ["drain"]:
        for line in sys.stdin: pass
        end(42, "drained")
    if words == ["fine"]:
        end(42, "fine")
    if words == ["write"]:
        sys.stdin.read()
        for i in range(100000): print("nobody reads this")
        sys.stdout.flush()
        end(42, "written")
    if words == ["shut"]:
        os.close(1)
        sys.stdin.read()
        end(42, "shut")
    if words == ["deaf"]:
        os.close(0)
        tell("go on")
        while not told("the interactor has closed its input"): time.sleep(0.05)
        end(42, "deaf")
    if words == ["child"]:
        if os.fork() == 0:
            while True: time.sleep(1000)
        end(42, "with a child")
    if not words:
        end(43, "nothing was said")
    guess = int(words[0])
    if guess == secret:
        end(42, "found")
    tell("higher" if guess < secret else "lower")
end(43, "too many tries")
"""
SEARCH = """\
low, high = 0, 1000
while True:
    middle = (low + high) // 2
    try:
        answer = input()
    except EOFError:
        break
    if answer == 'higher': low = guess + 1
    elif answer == 'lower': high = guess - 1
    guess = (low + high) // 2
    print(guess, flush=True)
"""
FIRST = "import os, sys, time\ninput()\ndef say(text): print(text, flush=True)\n"
PROGRAMS = {
    "right.py": (SEARCH, "AC", "interactor"),
    "wrong.py": (FIRST + "for i in range(50): say(0)\nsys.stdin.read()\n", "WA", "interactor"),
    # What it does behind the interactor's back counts no more.
    "crash_after.py": (FIRST + "for i in range(6): say(0)\nsys.stdin.read()\n1 // 0\n", "WA", "interactor"),
    "sleep_after.py": (FIRST + "for i in range(6): say(0)\nsys.stdin.read()\nwhile True: time.sleep(1000)\n", "WA", "interactor"),
    "crash.py": (FIRST + "1 // 0\n", "RE", "program"),
    "leave.py": ("pass\n", "WA", "program"),
    "kill.py": (FIRST + "os.kill(os.getpid(), 9)\n", "SG", "program"),
    "flood.py": (FIRST + "say('drain')\nwhile True: say('x' * 1000)\n", "OL", "program"),
    "refused.py": (FIRST + "open('/etc/passwd')\n", "RE", "program"),
    "syntax.py": ("(\n", "CE", None),
    # Accepted, and goes on: nobody reads it, and it gets no SIGPIPE.
    "goes_on.py": (FIRST + "say('fine')\nsys.stdin.read()\nfor i in range(30000): say('x')\n", "AC", "interactor"),
    "errs_on.py": (FIRST + "say('fine')\nsys.stdin.read()\n1 // 0\n", "RE", "interactor"),
    "unread.py": (FIRST + "say('write')\n", "AC", "program"),
    "closes.py": (FIRST + "os.close(1)\nwhile True: time.sleep(1000)\n", "WA", "interactor"),
    "shut.py": (FIRST + "say('shut')\nassert sys.stdin.read() == ''\n", "AC", "program"),
    "deaf.py": (FIRST + "say('deaf')\ninput()\nfor i in range(30000): say('x')\nsys.stdin.read()\n", "AC", "interactor"),
    "escape.py": (FIRST + "say('\\x1b[2J\\u202e')\nsay('fine')\n", "JE", None),
    # An interactor that fails is nobody's answer, whatever the program does.
    "hangs_it.py": (FIRST + "say('hang')\n", "JE", "program"),
    "spins_it.py": (FIRST + "say('spin')\nsys.stdin.read()\n", "JE", "interactor"),
    "crashes_it.py": (FIRST + "say('crash')\nsys.stdin.read()\n1 // 0\n", "JE", "interactor"),
    "child.py": (FIRST + "say('child')\n", "AC", None),
}
PACKAGE = {
    "problem.yaml": 'problem_format_version: "2025-09"\nname: Guess\nuuid: 1\ntype: interactive\n'
    "limits:\n  time_limit: 20\n  memory: 256\n  output: 1\n  validation_time: 60\n",
    "data/secret/1.in": "700 20\n",
    "data/secret/1.ans": "\n",
    "output_validator/interact.py": INTERACTOR,
}


def transcript(directory, line):
    with open(os.path.join(directory, line["run"]["directory"], "interaction"), encoding="utf-8") as text:
        return [re.fullmatch(r"(\d+\.\d{6}) (>~?|<~?|#) (.*)", told).groups() for told in text.read().splitlines()]


title("each verdict")
package = fill(here + "/package", PACKAGE)
few = fill(here + "/few", {**PACKAGE, "data/secret/1.in": "700 3\n"})
# An interactor has little time where it is to use it up, and more than enough elsewhere.
brief = fill(here + "/brief", {**PACKAGE, "problem.yaml": PACKAGE["problem.yaml"].replace("validation_time: 60", "validation_time: 1")})
subs = {name: put(here, "subs/" + name, text) for name, (text, _, _) in PROGRAMS.items()}
out = here + "/out"
many = ["--wall", "120s", "--until", "all"]
elsewhere = "wrong.py", "crash_after.py", "sleep_after.py", "hangs_it.py", "spins_it.py"
done = judge("-q", "-o", out, *many, package, *(path for name, path in subs.items() if name not in elsewhere))
equal("some could not be judged: status 1", done.returncode, 1)
found = judged(out)
done = judge("-q", "-o", here + "/out2", *many, few, *(subs[name] for name in ("wrong.py", "crash_after.py", "sleep_after.py")))
equal("the others could: status 0", done.returncode, 0)
found.update(judged(here + "/out2"))
done = judge("-q", "-o", here + "/out4", *many, brief, *(subs[name] for name in ("hangs_it.py", "spins_it.py")))
equal("nor could these", done.returncode, 1)
found.update(judged(here + "/out4"))
for name, (_, verdict, first) in PROGRAMS.items():
    line = found.get(name, {})
    equal(f"{name} is {verdict}", line.get("verdict"), verdict)
    if first:
        equal(f"{name}: {first} ended first", line.get("interaction", {}).get("first"), first)
equal("no case is run of one with a wrong syntax", "interaction" in found["syntax.py"], False)
equal("the interactor's message", found["right.py"]["checker"]["message"], "found")
equal("and status", (found["right.py"]["checker"]["kind"], found["right.py"]["checker"]["status"]), ("interactor", 42))
check("both sides' time", found["right.py"]["cpu_ns"] > 0 and found["right.py"]["checker"]["cpu_ns"] > 0, found["right.py"])
reasons = {name: found[name]["reason"] or "" for name in PROGRAMS}
check("an interactor that hangs is told", "did not come to an end" in reasons["hangs_it.py"], reasons)
check("one that is over its time", re.search("ended by SIG(XCPU|KILL)", reasons["spins_it.py"]), reasons)
check("one that crashes", "status 1" in reasons["crashes_it.py"], reasons)
equal("one whose program was ended has the program's verdict and log whole", (found["sleep_after.py"]["interaction"]["stopped"], found["sleep_after.py"]["exit"]["signal"]), (True, "SIGTERM"))
equal("what nobody read", found["goes_on.py"]["interaction"]["interactor"]["unread_bytes"], 60000)
check("of the interactor's words too", found["unread.py"]["interaction"]["program"]["unread_bytes"] == 18 * 100000, found["unread.py"]["interaction"])
closed = {name: [(who, what) for who in ("program", "interactor") for what in ("closed_input", "closed_output")
                 if line["interaction"][who][what]] for name, line in found.items() if "interaction" in line}  # fmt: skip
equal("who closed a pipe and went on", {name: c for name, c in closed.items() if c}, {
    "closes.py": [("program", "closed_output")], "shut.py": [("interactor", "closed_output")], "deaf.py": [("interactor", "closed_input")],
})  # fmt: skip
run = os.path.join(out, found["right.py"]["run"]["directory"])
equal("what is kept of a run", sorted(os.listdir(run)), ["checker", "feedback", "interaction", "log.jsonl", "stderr", "verdict.json"])

# A program that was forked from a pool is no child of proctor's: whether it lives is to be seen all the same.
if not_held():
    skip("warm runs", not_held())
else:
    again = ("right.py", "crash.py", "leave.py", "closes.py", "unread.py")
    judge("-q", "-o", here + "/out3", "--warm", "quick", *many, package, *(subs[name] for name in again))
    warm = judged(here + "/out3")
    for name in again:
        equal(f"warm, {name}: verdict and who ended first", (warm[name]["verdict"], warm[name]["interaction"]["first"]), (found[name]["verdict"], found[name]["interaction"]["first"]))
        with open(os.path.join(here, "out3", warm[name]["run"]["directory"], "verdict.json"), encoding="utf-8") as text:
            equal(f"warm, {name}: it is", json.load(text)["warm"]["mode"], "quick")

title("the transcript")
told = transcript(out, found["right.py"])
said = [(mark, text) for _, mark, text in told]
equal("both sides, in order", said[:4], [("<", "guess"), (">", "500"), ("<", "higher"), (">", "750")])
equal("to the end", [s for s in said if s[0] == ">"][-1], (">", "700"))
check("and who ended", ("#", "the interactor has ended") in said and ("#", "the program has ended") in said, said)
times = [float(t) for t, _, _ in told]
check("with times", times == sorted(times) and times[0] > 0, told)
check("what a program writes is escaped", (">", "\\x1b[2J\\u{202e}") in [t[1:] for t in transcript(out, found["escape.py"])], transcript(out, found["escape.py"]))
told = transcript(out, found["goes_on.py"])
size = os.path.getsize(os.path.join(out, found["unread.py"]["run"]["directory"], "interaction"))
check("it has an end", size < (1 << 20) + 200 and transcript(out, found["unread.py"])[-1][1] == "#", size)
check("a pipe that was closed is in it", ("#", "the program has closed its output") in [t[1:] for t in transcript(out, found["closes.py"])])

title("neither side waits for ever")
both = put(here, "both.py", "input()\ninput()\n")
done = judge("-q", "-o", here + "/block", "--wall", "2s", package, both)
line = judged(here + "/block")["both.py"]
equal("both wait for the other: the program's time", (done.returncode, line["verdict"], line["limit"]["name"]), (0, "TO", "wall"))
done = judge("-q", "-o", here + "/spin", "--cpu", "1s", "--wall", "120s", package, put(here, "spin.py", "while True: pass\n"))
equal("a program that spins", judged(here + "/spin")["spin.py"]["verdict"], "TO")
noisy = put(here, "noisy.py", FIRST + "say('drain')\nwhile True:\n    os.write(1, b'y' * 60000)\n    sys.stdin.read()\n    time.sleep(1000)\n")
done = judge("-q", "-o", here + "/noisy", "--wall", "3s", package, noisy)
equal("one that writes and waits", judged(here + "/noisy")["noisy.py"]["verdict"], "TO")

title("a legacy package")
legacy = fill(here + "/legacy", {
    "problem.yaml": "name: Guess\nvalidation: custom interactive\n", ".timelimit": "20\n",
    "data/secret/1.in": "1 5\n", "data/secret/1.ans": "\n", "output_validators/guess/interact.py": INTERACTOR,
})  # fmt: skip
done = judge("--json", legacy, put(here, "one.py", "input()\nprint(1)\n"), put(here, "two.py", "for i in range(9): input(); print(2, flush=True)\n"))
equal("is judged alike", {j["name"]: j["verdict"] for j in json.loads(done.stdout)["submissions"]}, {"one.py": "AC", "two.py": "WA"})
equal("the message is the cause", {j["name"]: j["cause"] for j in json.loads(done.stdout)["submissions"]}["two.py"], "too many tries")

title("killed, gone on with, and mistakes")
sleeper = put(here, "sleeper.py", FIRST + "say('hang')\nsys.stdin.read()\n")
for number in signal.SIGKILL, signal.SIGTERM:
    where = f"{here}/ended-{number}"
    child = subprocess.Popen([PROCTOR, "judge", "-q", "-o", where, "--wall", "900s", package, sleeper], stderr=subprocess.PIPE, env=clean_env())
    name = where + "/runs/sleeper.py.case.secret.1/interaction"
    check(f"signal {number}: it is under way", wait_for(lambda: os.path.exists(name) and b"hang" in open(name, "rb").read(), 60), name)
    check("with program and interactor", len(descendants(child.pid)) >= 4, descendants(child.pid))
    child.send_signal(number)
    child.communicate()
    equal("it leaves nobody behind, and no result", (survivors(), len(open(where + "/results.jsonl").readlines())), ([], 1))
again = judge("-q", "--resume", "-o", out, *many, package, subs["right.py"])
equal("--resume has the result that is there", (again.returncode, judged(out)["right.py"]["run"]["id"]), (1, found["right.py"]["run"]["id"]))
done = judge("--checker", "exact", package, subs["right.py"])
check("--checker: status 64, and why", done.returncode == 64 and b"interactive" in done.stderr, done)
shutil.rmtree(package + "/output_validator")
done = judge(package, subs["right.py"])
check("without an interactor: status 65", done.returncode == 65 and b"output_validator" in done.stderr, done)
equal("nothing is left running", survivors(), [])
finish()
