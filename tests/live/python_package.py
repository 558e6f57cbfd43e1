#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The package of python/: its page's examples, what each exception stands for, asyncio, and that it can be installed."""
import asyncio
import concurrent.futures
import doctest
import os
import pathlib
import re
import shutil
import subprocess
import sys
import types

from harness import HERE, PROCTOR, check, equal, finish, not_held, place, put, sanitized, skip, survivors, title, wait_for

top = os.environ.get("top_srcdir") or os.path.join(HERE, "..", "..")
source = os.path.abspath(os.path.join(top, "python"))
sys.dont_write_bytecode = True
sys.path.insert(0, source)
import proctor  # noqa: E402

os.environ["PROCTOR"] = PROCTOR
here = place()
os.chdir(here)
cold = not_held("python3")  # the interpreter that proctor finds
SLOW = proctor.Limits(cpu="20s", wall="120s", output="64MiB")


def raises(sentence, kind, fn, *args, **kwargs):
    try:
        value = fn(*args, **kwargs)
    except Exception as error:
        return check(sentence, type(error) is kind, error) and error
    check(sentence, False, value)
    return None


title("the page")
if sanitized():
    skip("the page's examples", "its limits are for a build without sanitizers")
else:
    with open(os.path.join(source, "README.md"), encoding="utf-8") as text:
        page = doctest.DocTestParser().get_doctest(text.read(), {}, "README.md", text.name, 0)
    if cold:
        skip("the page's example of a pool", cold)
        page.examples = [e for e in page.examples if "Pool(" not in e.source]
    failed, tried = doctest.DocTestRunner().run(page)
    check(f"its {tried} examples are true", tried > 8 and failed == 0)

title("a pool")
script = put(here, "double.py", "import decimal, sys; print(decimal.Decimal(sys.argv[1]) * 2)")


def warm(result):
    return result.stdout, result.verdict.raw["warm"]["mode"]


def shared():
    with proctor.Pool(preload=["decimal"]) as pool:
        with concurrent.futures.ThreadPoolExecutor(4) as threads:
            made = list(threads.map(lambda n: warm(pool.run([script, str(n)], limits=SLOW)), range(8)))
        equal("threads share it", made, [(f"{n * 2}\n".encode(), "exact") for n in range(8)])
        child = pool._child
    equal("it has ended", child.poll() is not None, True)
    raises("nothing is run from it then", RuntimeError, pool.run, script)
    raises("no such module's name", proctor.UsageError, proctor.Pool(preload=["a;b"]).start)


raises("no such interpreter", proctor.NotFoundError, proctor.Pool(python=here + "/python").start)


async def with_pool():
    async with proctor.Pool(quick=True) as pool:
        return [warm(r) for r in await asyncio.gather(*(pool.run_async([script, str(n)], limits=SLOW) for n in range(3)))]


def alone():
    equal("so do tasks", asyncio.run(with_pool()), [(f"{n * 2}\n".encode(), "quick") for n in range(3)])
    text = (f"import sys, time; sys.path.insert(0, {source!r}); import proctor\n"
            "p = proctor.Pool().start(); print(p._child.pid, flush=True); time.sleep(60)")
    holder = subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE)
    pid = int(holder.stdout.readline())
    holder.kill()
    holder.wait()
    check("a pool ends with a process that is killed",
          wait_for(lambda: not os.path.exists(f"/proc/{pid}") or " Z " in open(f"/proc/{pid}/stat").read()))


if cold:
    skip("runs from a pool", cold)
else:
    shared()
    alone()


title("run")
result = proctor.run(["python3", "-c", "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read()); sys.exit(3)"], stdin=b"\0\xff", limits=SLOW)
equal("bytes go in and out as they are", (result.status, result.verdict.exit_code, result.stdout), ("RE", 3, b"\0\xff"))
file = put(here, "in.txt", "from a file\n")
result = proctor.run(["python3", "-c", "print(input())"], stdin=pathlib.Path(file), limits=SLOW, id="x", labels={"a": "b"}, env={"A": "1"})
equal("a path is read as a file", result.stdout, b"from a file\n")
equal("id and labels are the verdict's", (result.verdict.raw["run"]["submission"], result.verdict.raw["run"]["labels"]), ("x", {"a": "b"}))
result = proctor.run(["python3", "-c", "import sys; print(len(sys.stdin.read()))"], limits=SLOW)
equal("without stdin there is nothing", result.stdout, b"0\n")
result = proctor.run(put(here, "a script.py", "import os; os.kill(os.getpid(), 11)"), limits=SLOW)
equal("a script by its name", (result.status, result.verdict.exit_signal), ("SG", "SIGSEGV"))
raises("no such script", proctor.NotFoundError, proctor.run, here + "/absent.py")
raises("no such policy", proctor.UsageError, proctor.run, ["python3"], policy=here + "/absent.yaml")
raises("a limit that is none", proctor.UsageError, proctor.run, ["python3"], limits=proctor.Limits(cpu="soon"))
raises("a log that is there", proctor.UsageError, proctor.run, ["python3", "-c", ""], log=file)
raises("no proctor", proctor.NotFoundError, proctor.run, ["python3"], binary=here + "/proctor")
error = raises("a log that cannot be written", proctor.WriteError, proctor.run, ["python3", "-c", ""], log="/dev/full", limits=SLOW)
equal("with its status", error and error.status, 74)
fake = put(here, "fake", '#!/bin/sh\nfor o; do case $o in --verdict=*) echo "$V" >"${o#*=}";; esac; done\nexit "${S:-0}"\n')
os.chmod(fake, 0o755)
for verdict, status in ("{", 0), ("{}", 0), ('{"status":"XX","error":"out of luck"}', 70), ('{"status":"OK"}', 0), ('{"status":"OK"}', 9):
    os.environ.update(V=verdict, S=str(status))
    raises(f"a verdict {verdict} with status {status} is nobody's result", proctor.RunError, proctor.run, ["x"], binary=fake)

title("logs")
log = here + "/whole.jsonl"
options = dict(calls="all", log_version=2, stack_for="all", profile=200, profile_clock="wall")
proctor.run(["python3", "-c", "open('/etc/passwd')"], log=log, limits=SLOW, **options)
told = {record["kind"]: record for record in proctor.records(log)}
settings = told["start"]["proctor"]["settings"]
equal("with the options of the command line", [settings["calls"], told["end"]["v"], told["profile"]["proctor"]["profile"]["hz"],
                                               told["profile"]["proctor"]["profile"]["of"]], ["all", 2, 200, "wall"])
check("allowed calls have stacks", any("stack" in record["proctor"] for record in proctor.records(log)
                                       if record["kind"] == "call" and record["proctor"]["decision"]["action"] == "allow"))
raises("which it judges itself", proctor.UsageError, proctor.run, ["x"], profile_clock="sundial")
kinds = [record["kind"] for record in proctor.records(log)]
equal("from start to end", (kinds[0], kinds[-1]), ("start", "end"))
with open(log, "rb") as text:
    lines = text.readlines()
for name, text in {"cut": lines[:-1], "half a line": lines[:-1] + [lines[-1][:-9]], "no JSON": [b"x\n"], "a list": [b"[]\n"], "deep": [b"[" * 900000 + b"\n"], "empty": []}.items():
    damaged = put(here, "damaged.jsonl", b"".join(text))
    raises(f"{name} is told", proctor.LogError, lambda: list(proctor.records(damaged)))

title("judge and batch")
for name, text in {"p/1.in": "2", "p/1.ans": "4", "s/right.py": "print(int(input()) * 2)", "s/wrong.py": "print(5)"}.items():
    put(here, name, text)
report = proctor.judge("p", ["s/right.py", "s/wrong.py"], limits=SLOW, all_cases=True)
equal("without scores there are none", (report["right.py"].score, report["right.py"].groups), (None, []))
equal("verdicts", [(j.name, j.verdict, j.first) for j in report.submissions], [("right.py", "AC", None), ("wrong.py", "WA", "1")])
for name, text in {"sc/problem.yaml": 'problem_format_version: "2025-09"\ntype: scoring\n', "sc/data/secret/a/1.in": "2", "sc/data/secret/a/1.ans": "4", "sc/data/secret/a/2.in": "3",
                   "sc/data/secret/a/2.ans": "5", "sc/data/secret/a/test_group.yaml": "max_score: 100\nscore_aggregation: sum"}.items():  # fmt: skip
    put(here, name, text)
scored = proctor.judge("sc", ["s/right.py"], limits=SLOW, directory="sc-out")["right.py"]
equal("scores", (scored.score, scored.max_score, [(g.name, g.score, g.passed) for g in scored.groups]), (50, 100, [("secret", 50, False), ("secret/a", 50, False)]))
raises("no such problem", proctor.NotFoundError, proctor.judge, "absent", ["s/right.py"])
raises("no submission", proctor.UsageError, proctor.judge, "p", [])
raises("a job that is none", proctor.UsageError, proctor.batch, [{"id": "a"}], "none")
jobs = [{"id": f"j{n}", "script": "s/right.py", "stdin_text": "1", "expected_text": "2"} for n in range(3)] + [{"id": "lost", "script": "absent.py"}]
report = proctor.batch(jobs, "out", limits=SLOW, jobs=2)
equal("a run that could not be judged is a result", report.verdicts, {"AC": 3, "JE": 1})
check("with its reason", [r.reason for r in report if r.verdict == "JE" and "absent.py" in r.reason])
check("and each has its directory", all(os.path.isfile(r.directory + "/verdict.json") for r in report if r.verdict == "AC"))
raises("the same directory again", proctor.UsageError, proctor.batch, jobs, "out", limits=SLOW)
equal("resume goes on", proctor.batch(jobs, "out", limits=SLOW, resume=True).verdicts, report.verdicts)

title("a worker, as doc/FLEET.md has it")
with open(os.path.join(top, "doc/FLEET.md"), encoding="utf-8") as text:
    example = re.search(r"```python\n(.*?)```", text.read(), re.S).group(1)
check("the page has one", "@app.task" in example and "/srv/results" in example, example)
names = {"proctor": proctor, "app": types.SimpleNamespace(task=lambda **_: lambda function: function)}
exec(example.replace("/srv/results", here), names)
slow = [{**job, "limits": {"cpu": "20s", "wall": "120s"}} for job in jobs]
equal("a task that comes twice goes on", [names["judge_part"](7, slow), names["judge_part"](7, slow)], [{"AC": 3, "JE": 1}] * 2)
equal("and judges nothing twice", len(pathlib.Path("part.7/results.jsonl").read_text().splitlines()), 4)

title("a grader")
for name, text in {"sq/1.in": "2", "sq/1.ans": "4", "sq/2.in": "3", "sq/2.ans": "9", "class/ann.py": "print(int(input()) ** 2)\n",
                   "class/bob.py": "print(4)\n", "class/notes.txt": "no submission"}.items():  # fmt: skip
    put(here, name, text)
done = subprocess.run([sys.executable, os.path.join(top, "contrib/grader.py"), "sq", "class"], stdout=subprocess.PIPE, check=False,
                      env={**os.environ, "PYTHONPATH": source, "PYTHONDONTWRITEBYTECODE": "1"}, timeout=120)  # fmt: skip
rows = [line.split(",") for line in done.stdout.decode().splitlines()]
equal("a table of points", [row[:4] for row in rows[-2:]], [["ann.py", "AC", "2", "2"], ["bob.py", "WA", "1", "2"]])

title("asyncio")


async def several():
    runs = [proctor.run_async(["python3", "-c", f"print({n})"], limits=SLOW) for n in range(4)]
    told = await asyncio.gather(*runs, proctor.judge_async("p", ["s/right.py"], limits=SLOW), proctor.batch_async(jobs[:1], "out-async", limits=SLOW))
    equal("several at once", [r.stdout for r in told[:4]], [b"0\n", b"1\n", b"2\n", b"3\n"])
    equal("judge and batch among them", (told[4]["right.py"].verdict, told[5].verdicts), ("AC", {"AC": 1}))
    task = asyncio.ensure_future(proctor.run_async(["python3", "-c", "import time; time.sleep(600)"], limits=proctor.Limits(wall="900s"), log=here + "/cancelled.jsonl"))
    while not os.path.exists(here + "/cancelled.jsonl"):
        await asyncio.sleep(0.02)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return True
    return False


check("a task can be cancelled", asyncio.run(several()))
equal("and its program is gone", survivors(), [])

title("installing")
copy = here + "/copy"
shutil.copytree(source, copy)
for root, names, _ in os.walk(copy):
    os.chmod(root, 0o755)
install = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--no-build-isolation", "--target", here + "/site", copy]
missing = [m for m in ("pip", "setuptools", "wheel") if subprocess.run([sys.executable, "-c", f"import {m}"], stderr=subprocess.DEVNULL, check=False).returncode]
if missing:
    skip("pip installs it", f"{sys.executable} has no {missing[0]}")
else:
    done = subprocess.run(install, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    check("pip installs it", done.returncode == 0, done.stdout.decode())
    check("with the mark that it has types", wait_for(lambda: os.path.exists(here + "/site/proctor/py.typed"), 1))
    code = "import proctor; print(proctor.run(['python3', '-c', 'print(7)']).stdout)"
    done = subprocess.run([sys.executable, "-c", code], cwd=here + "/site", stdout=subprocess.PIPE, check=False)
    equal("and it works from there", done.stdout, b"b'7\\n'\n")
finish()
