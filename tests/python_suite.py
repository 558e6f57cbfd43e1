#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make check-suite PYTHON=...: CPython's own tests, cold and from a pool.

An interpreter that was held and forked has to be the interpreter that was started: each of its tests has to end in the
same way. So each module of its package `test` is a job of `proctor batch`: ended exactly where a scratch is granted, and
quickly where nothing is, for quick is exact beneath a write rule. What is refused fails a test, in all ways alike. What
differs is run again, both ways, for some tests look at the clock.

python_suite.py PROCTOR PYTHON DIRECTORY [MODULE...]
"""
import collections
import json
import os
import subprocess
import sys

POLICY = """version: 1
name: suite
extends: builtin:pure
limits: {cpu: 20s, wall: 20s, memory: 1GiB, output: 16MiB, tasks: 64}
"""
SCRATCH = """write: ["%{scratch}"]
cwd: "%{scratch}"
scratch: {size: 256MiB, files: 20000}
"""
MARK = "\x1e"
HELD = ("ok", "skipped", "expected", "unexpected")
# A line for each test as it ends, so that a run that is stopped has told of those before. What tests print lies between.
JOB = r"""import sys, unittest
class Result(unittest.TestResult):
    def tell(self, how, test, error=None):
        print(f"\x1e{how} {test.id()} {error[0].__name__ if error else ''}\x1e", file=sys.__stdout__, flush=True)
    def addSuccess(self, test): self.tell("ok", test)
    def addError(self, test, error): self.tell("error", test, error)
    def addFailure(self, test, error): self.tell("failure", test, error)
    def addSkip(self, test, why): self.tell("skipped", test)
    def addExpectedFailure(self, test, error): self.tell("expected", test)
    def addUnexpectedSuccess(self, test): self.tell("unexpected", test)
    def addSubTest(self, test, part, error):
        if error: self.tell("part", test, error)
sys.argv = [sys.argv[0]]
unittest.defaultTestLoader.loadTestsFromName("test.{module}").run(Result())
"""
WAYS = {"exact": POLICY + SCRATCH, "quick": POLICY}
TOO_LONG = ("TO", "OL", "ML")

Ended = collections.namedtuple("Ended", "status exit lines warm")


def modules(python):
    """The interpreter's test modules; none where it came without."""
    told = subprocess.run([python, "-c", "import os, test; print(*os.listdir(test.__path__[0]), sep='\\n')"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return sorted({os.path.splitext(name)[0] for name in told.stdout.split()
                   if name.startswith("test_") and (name.endswith(".py") or "." not in name)})


def run(proctor, python, where, text, warm, names):
    """What became of each of NAMES under the policy TEXT."""
    os.makedirs(where)
    jobs, policy = os.path.join(where, "jobs.jsonl"), os.path.join(where, "policy.yaml")
    with open(policy, "w", encoding="utf-8") as out:
        out.write(text)
    with open(jobs, "w", encoding="utf-8") as out:
        for name in names:
            # Not by the module's own name, which would hide it.
            script = os.path.join(where, f"run_{name}.py")
            with open(script, "w", encoding="utf-8") as job:
                job.write(JOB.replace("{module}", name))
            out.write(json.dumps({"id": name, "script": script}) + "\n")
    results = os.path.join(where, "results")
    subprocess.run([proctor, "batch", "-q", "-p", policy, "--calls", "denied", "--python", python, *warm, "-o", results, jobs],
                   stdout=subprocess.DEVNULL, check=False)
    ended = {}
    with open(os.path.join(results, "results.jsonl"), encoding="utf-8") as lines:
        for line in lines:
            result = json.loads(line)
            runs = os.path.join(results, result["run"]["directory"])
            with open(os.path.join(runs, "stdout"), encoding="utf-8", errors="replace") as out:
                # How often a test failed, and of what, is a matter of its threads where what they need is refused.
                told = sorted(line for line in out.read().split(MARK)[1::2] if line.split()[0] in HELD)
            with open(os.path.join(runs, "verdict.json"), encoding="utf-8") as verdict:
                began = json.load(verdict).get("warm", {})
            ended[result["id"]] = Ended(result["status"], tuple(result["exit"].values()), told, began.get("mode") or began.get("why"))
    return ended


def differences(cold, warm):
    """Names of modules -> lines that tell how their ends differ."""
    found = {}
    for name, a in cold.items():
        b = warm.get(name)
        if b is None:
            found[name] = ["no result"]
        elif a.status in TOO_LONG and a.status == b.status:
            continue  # How far each came is a matter of time.
        elif a[:3] != b[:3]:
            one, other = collections.Counter(a.lines), collections.Counter(b.lines)
            found[name] = [f"{a.status} {a.exit}, {b.status} {b.exit}"] * (a[:2] != b[:2]) + \
                [f"cold: {line}" for line in one - other] + [f"warm: {line}" for line in other - one]
    return found


def main():
    proctor, python, where, *names = sys.argv[1:]
    names = names or modules(python)
    if not names:
        print(f"SKIP: {python} has no package of tests")
        return 77
    failed = 0
    for way, policy in WAYS.items():
        def both(place, names):
            return [run(proctor, python, os.path.join(where, way, place + begin), policy, warm, names)
                    for begin, warm in (("cold", []), (way, ["--warm", way]))]
        cold, warm = both("", names)
        print(f"{way}: {len(cold)} modules, {sum(line.startswith('ok ') for e in cold.values() for line in e.lines)} tests passed cold;",
              f"ended {dict(collections.Counter(e.status for e in cold.values()))};",
              f"began {dict(collections.Counter(e.warm for e in warm.values()))}", flush=True)
        found = differences(cold, warm)
        if found:
            found = differences(*both("again-", list(found)))
        for name, lines in found.items():
            print(f"FAIL {way}: {name}", *lines[:20], sep="\n    ")
        failed += len(found) + sum(e.warm != way for e in warm.values())
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
