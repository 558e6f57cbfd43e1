#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""proctor batch --merge: parts of a batch in one directory, with nothing first_part, nothing twice and nothing mixed up."""
import fcntl
import json
import os
import shutil

from grading import batch, offences, results
from harness import PROCTOR, check, clean_env, equal, finish, native, place, put, title

here = place()
script = put(here, "twice.py", "print(2 * int(input()))\n")
LIMITS = {"cpu": "20s", "wall": "120s"}


def job(number, **more):
    return {"id": f"job-{number}", "script": script, "stdin_text": str(number), "expected_text": str(2 * number if number % 3 else 1),
            "limits": LIMITS, **more}  # fmt: skip


def part(name, *jobs):
    """A directory with the results of JOBS."""
    batch("-q", "-o", f"{here}/{name}", put(here, name + ".jsonl", "".join(json.dumps(j) + "\n" for j in jobs)))
    return f"{here}/{name}"


def table(directory):
    return {line["id"]: line["verdict"] for line in results(directory)}


def summary(directory):
    with open(directory + "/summary.json", encoding="utf-8") as text:
        return json.load(text)


title("parts become one")
parts = [part(f"part-{i}", *(job(n) for n in range(i, 12, 3))) for i in range(3)]
out = here + "/out"
done = batch("--merge", out, *parts)
equal("everything is judged: status 0", (done.returncode, done.stderr), (0, b""))
equal("each job once, with its verdict", (len(results(out)), table(out)), (12, {f"job-{n}": "AC" if n % 3 else "WA" for n in range(12)}))
equal("every line is as the schema says", offences(results(out)), [])
check("where logs and outputs are", all(os.path.exists(line["run"]["directory"] + "/verdict.json") for line in results(out)), results(out)[0])
first = {line["id"]: line for name in parts for line in results(name)}
for line in results(out):
    line["run"]["directory"] = "runs/" + line["id"]
    if line != first[line["id"]]:
        check("a line is otherwise as it was", False, line, first[line["id"]])
told = summary(out)
equal("a summary", (told["command"], told["complete"], told["runs"], told["verdicts"]["AC"], told["parts"]), ("merge", True, 12, 8, parts))
before = results(out)
done = batch("--merge", out, *parts)
equal("not into results that are there: status 64", (done.returncode, results(out)), (64, before))
done = batch("--merge", "--resume", out, *parts)
equal("with --resume, nothing twice", (done.returncode, results(out)), (0, before))
late = part("late", job(12), job(13))
done = batch("--merge", "--resume", "--emit", f"tap={here}/tap", out, *parts, late)
equal("and what is new", (done.returncode, results(out)[:12], sorted(table(out))[4:6]), (0, before, ["job-12", "job-13"]))
with open(here + "/tap", encoding="utf-8") as text:
    check("--emit has all of them", "1..14" in text.read())
done = batch("--merge", here + "/again", out)
equal("what was merged can be merged", (done.returncode, [line["run"]["directory"] for line in results(here + "/again")]),
      (0, [line["run"]["directory"] for line in results(out)]))  # fmt: skip
with open(out + "/results.jsonl", "r+b") as text:
    text.truncate(os.path.getsize(out + "/results.jsonl") - 200)
done = batch("--merge", "--resume", out, *parts, late)
equal("one that was killed goes on", (done.returncode, len(results(out)), table(out)), (0, 14, table(here + "/again")))

title("as doc/FLEET.md says")
top = os.environ.get("top_srcdir") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
with open(os.path.join(top, "doc", "FLEET.md"), encoding="utf-8") as text:
    example = text.read().partition("```sh\n")[2].partition("```")[0]
fleet = place()
put(fleet, "jobs.jsonl", "".join(json.dumps(job(n)) + "\n" for n in range(7)))
os.makedirs(fleet + "/bin")
os.symlink(PROCTOR, fleet + "/bin/proctor")
done = native(["sh", "-ec", example], cwd=fleet, env=clean_env(PATH=fleet + "/bin:" + os.environ["PATH"]))
equal("three parts become one", (done.status, table(fleet + "/all")), (0, {f"job-{n}": "AC" if n % 3 else "WA" for n in range(7)}))

title("a job in two parts")
first_part = part("first", job(1))
same = part("same", job(1), job(2))
done = batch("--merge", here + "/twice", first_part, same)
equal("the same job counts once", (done.returncode, [line["id"] for line in results(here + "/twice")], results(here + "/twice")[0]["run"]["id"]),
      (0, ["job-1", "job-2"], results(first_part)[0]["run"]["id"]))  # fmt: skip
answer = here + "/answer"
fails = {**job(1), "expected": answer}
del fails["expected_text"]
bad = part("bad", fails)
put(here, "answer", "2\n")
good = part("good", fails)
equal("one part could not judge it", (table(bad), table(good)), ({"job-1": "JE"}, {"job-1": "AC"}))
done = batch("--merge", here + "/better", bad, good)
equal("the part that could counts", (done.returncode, table(here + "/better")), (0, {"job-1": "AC"}))
done = batch("--merge", here + "/worse", bad)
equal("what nobody could judge: status 1", (done.returncode, table(here + "/worse")), (1, {"job-1": "JE"}))
done = batch("--merge", here + "/mixed", same, good)
check("different jobs of one name: status 65, both are named", done.returncode == 65 and all(n.encode() in done.stderr for n in (same, good, "job-1")), done)
check("and nothing is written", not os.path.exists(here + "/mixed") or not os.path.getsize(here + "/mixed/results.jsonl"))
done = batch("--merge", "--resume", here + "/better", same)
check("nor beside other results", done.returncode == 65 and table(here + "/better") == {"job-1": "AC"}, done)

title("parts that are not whole")
half = shutil.copytree(same, here + "/half")
with open(half + "/results.jsonl", "r+b") as text:
    text.truncate(os.path.getsize(half + "/results.jsonl") - 10)
os.unlink(half + "/summary.json")
done = batch("--merge", here + "/h", half, first_part)
equal("half a line is no result", (done.returncode, table(here + "/h")), (1, {results(same)[0]["id"]: "AC", "job-1": "AC"}))
check("a part that did not come to its end is told", half.encode() in done.stderr and not summary(here + "/h")["complete"], done)
broken = shutil.copytree(same, here + "/broken")
put(here, "broken/results.jsonl", '{"id":"x"}\n')
done = batch("--merge", here + "/b", broken)
check("what is no result: status 65, and where", done.returncode == 65 and b"broken/results.jsonl:1" in done.stderr and not os.path.exists(here + "/b"), done)
lock = os.open(first_part + "/.lock", os.O_RDWR)
fcntl.flock(lock, fcntl.LOCK_EX)
done = batch("--merge", here + "/w", first_part)
check("a part whose batch is at work: status 64", done.returncode == 64 and b"at work" in done.stderr, done)
os.close(lock)

title("mistakes")
for name, words, status in [
    ("no part", ["--merge", here + "/m"], 64), ("nothing", ["--merge"], 64), ("-o too", ["--merge", "-o", here + "/m", here + "/n", same], 64),
    ("a part that is not there", ["--merge", here + "/m", here + "/absent"], 66), ("a directory of something else", ["--merge", here + "/m", place()], 66),
    ("a file", ["--merge", here + "/m", script], 66), ("into nowhere", ["--merge", here + "/no/m", same], 74), ("onto itself", ["--merge", "--resume", same, same], 64),
]:  # fmt: skip
    done = batch(*words)
    check(f"{name}: status {status}, and a sentence", done.returncode == status and done.stderr.startswith(b"proctor: batch: "), done)
check("that it is a part itself is said", b"itself one of the parts" in done.stderr, done)
finish()
