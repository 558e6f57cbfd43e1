#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The examples of README.md are run as they stand there, and print what stands there. What differs
between runs and machines is compared by its shape: the run's id, numbers of calls, where the
directory is, and the marks below a line of a traceback, which each CPython draws otherwise.
"""

import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
import harness as h

TOP = os.environ.get("top_srcdir") or os.path.join(h.HERE, "..", "..")


def blocks():
    with open(os.path.join(TOP, "README.md"), encoding="utf-8") as text:
        return re.findall(r"^```(\w*)\n(.*?)^```$", text.read(), re.M | re.S)


def commands(text):
    """[(command, what it prints)] of a block."""
    return [tuple(part.split("\n", 1)) for part in re.split(r"^\$ ", text, flags=re.M)[1:]]


def shape(text, box):
    text = text.replace(box, "/box")
    text = re.sub(r"\brun [0-9A-Z]{26}\b", "run ID", text)
    text = re.sub(r"(#|\b)\d+( that do not count| hidden calls?)?(?= DENIED|,? ?\(--all|$)", r"\1N\2", text, flags=re.M)
    text = "\n".join(l for l in text.splitlines() if not re.fullmatch(r"[ ~^]+", l))
    return text.strip()


def shell(line, box):
    env = h.clean_env(PATH=os.path.dirname(h.PROCTOR) + ":" + h.PATH, LANG="C.UTF-8")
    out = subprocess.run(line, shell=True, cwd=box, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return out.returncode, out.stdout.decode()


def first_example(box):
    """What a reader sees first, from the program's text to the student's line."""
    told = [c for kind, text in blocks() if not kind and "$ " in text for c in commands(text)]
    os.makedirs(box + "/data")
    os.symlink("/etc", box + "/data/system")
    for line, expected in told:
        if line.startswith("cat "):
            h.put(box, line.split()[1], expected.rstrip() + "\n")
            continue
        status, out = shell(line, box)
        h.equal(f"$ {line}", shape(out, box), shape(expected, "/box"))
    h.check("the README has such examples", len(told) >= 4, told)


def as_a_judge(box):
    """The judge's command line, with a place for its data that exists; then the same as a policy."""
    lines = [text.replace("\\\n", " ") for kind, text in blocks() if "--exit judged" in text]
    h.equal("one example is a judge's", len(lines), 1)
    data = h.place()
    h.put(box, "solve.py", "print(sum(int(n) for n in input().split()))\n")
    h.put(box, "input.txt", "1 2 3\n")
    line = lines[0].strip().replace("/srv/judge/data", data).replace("run.jsonl", "judge.jsonl")
    status, out = shell(line, box)
    with open(box + "/output.txt") as output:
        h.check("the judge's command: status 0, silent, the answer", (status, out, output.read()) == (0, "", "6\n"), out)
    policies = [text for kind, text in blocks() if kind == "yaml"]
    h.put(box, "pure.yaml", policies[0].replace("/srv/judge/data", data))
    status, out = shell("proctor policy check pure.yaml", box)
    h.check("the policy is good", status == 0, out)
    status, out = shell("proctor run -p pure.yaml solve.py < input.txt", box)
    h.equal("and the program runs with it", (status, out), (0, "6\n"))


def demonstration(box):
    """Its last line is a command that works where it was run."""
    build = os.path.dirname(h.PROCTOR)
    env = dict(os.environ, PROCTOR=h.PROCTOR, NO_COLOR="1")
    run = h.finished(["sh", os.path.abspath(TOP) + "/demo/run"], None, None, b"", env, 120, {"cwd": build})
    h.check("make demo: status 0", run.status == 0, run)
    last = run.out.decode().splitlines()[-1].strip()
    line = last.replace("my.jsonl", box + "/my.jsonl").replace("my.py", h.put(box, "my.py", "print('mine')\n"))
    status, out = shell(line, build)
    h.check("its last line works as it stands", last.endswith("my.py") and status == 0 and "mine\n" in out, last, out)


def grading(box):
    """judge and batch, on what their examples are about."""
    files = {"sums/1.in": "1 2", "sums/1.ans": "3", "sums/2.in": "2 2", "sums/2.ans": "4", "sums/3.in": "0 1", "sums/3.ans": "1"}
    for name, text in {"ann.py": "print(sum(map(int, input().split())))\n", "bob.py": "print(3)\n"}.items():
        files.update({name: text, "submissions/" + name: text})
    for name, text in {**files, "1.in": "1 1", "1.ans": "2"}.items():
        h.put(box, name, text)

    def told(text):
        # How many cases of a failing submission were under way, times and memory differ.
        text = re.sub(r"\d/\d +\d+\.\d+ s +\d+ MiB", "N", text)
        return "\n".join(line.rstrip() for line in text.strip().splitlines())

    examples = [c for kind, text in blocks() if kind == "console" for c in commands(text)]
    for line, expected in examples:
        if line.startswith("cat "):
            h.put(box, line.split()[1], expected)
            continue
        status, out = shell(line, box)
        h.equal(f"$ {line}", (status, told(out)), (0, told(expected)))
    h.check("there are examples of both", len(examples) == 3, examples)


first_example(h.place())
grading(h.place())
demonstration(h.place())
as_a_judge(h.place())
h.finish()
