# SPDX-License-Identifier: Apache-2.0
"""Runs that begin from a held interpreter, beside executed ones, native ones, and a fork server as one writes it in
Python; with log and verdict on disk. And 20 submissions on 10 cases each, as judged. CPU time is not compared: what is
forked from a template is a child of the pool's."""
import atexit
import json
import os
import subprocess
import time

from harness import Case, Failed, Variant, run

# A plain fork server: the modules are imported, and each line on its input is a script to run in a fork. No policy, no
# limits, no record, no descriptors of a run's own.
FORK_SERVER = """
import os, runpy, sys
for name in sys.argv[1:]: __import__(name)
for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        sys.argv[:] = [line[:-1]]
        runpy.run_path(line[:-1], run_name='__main__')
        sys.exit()
    print(os.waitpid(pid, 0)[1], flush=True)
"""
SCRIPTS = [("pass", "pass", ()), ("imports", None, ("collections", "csv", "datetime", "decimal", "functools", "hashlib", "json", "random", "re", "typing")), ("numpy", "import numpy", ("numpy",))]


class Service:
    """A child that is ended when the sitting is."""

    def __init__(self, argv, env, **more):
        self.child = subprocess.Popen(argv, env=env, stderr=subprocess.DEVNULL, **more)
        atexit.register(self.end)

    def end(self):
        self.child.kill()
        self.child.wait()


def pool(b, mode, preload):
    path = os.path.join(b.tmp, f"pool-{mode}-{len(preload)}")
    if not os.path.exists(path):
        Service([b.proctor, "pool", "-q", "--listen", path, "--mode", mode, "--python", b.python,
                 *(f"--preload={name}" for name in preload)], b.env, stdin=subprocess.DEVNULL)
        for _ in range(1000):
            if os.path.exists(path):
                break
            time.sleep(0.01)
        # The first run has the template made.
        under_proctor(b, b.script("imports")[1], ["--warm", path])
    return path


def under_proctor(b, script, options):
    b.serial += 1
    name = os.path.join(b.tmp, f"warm{b.serial}")
    try:
        ran = run([b.proctor, "run", "-q", "--python", b.python, "-o", name, "--verdict", name + ".json", *options, script], b.env, b.tmp)
        with open(name + ".json", encoding="utf-8") as verdict:
            if options and json.load(verdict)["warm"]["mode"] == "cold":
                raise Failed("it was not warm")
        return ran.wall
    finally:
        for made in name, name + ".json":
            if os.path.exists(made):
                os.unlink(made)


def forked(b, script, preload):
    servers = b.__dict__.setdefault("fork_servers", {})
    if preload not in servers:
        servers[preload] = Service([b.python, "-c", FORK_SERVER, *preload], b.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    child = servers[preload].child
    begin = time.monotonic()
    child.stdin.write(script + "\n")
    child.stdin.flush()
    if child.stdout.readline() != "0\n":
        raise Failed("the fork server's child failed")
    return time.monotonic() - begin


def own_place(b, name):
    """Removed with everything else at the end: on ext4, what was removed a moment ago makes the next files dear."""
    b.serial += 1
    return os.path.join(b.tmp, f"{name}{b.serial}")


def judged(b, problem, submissions, way):
    """Seconds for all runs."""
    place = own_place(b, "judged")
    begin = time.monotonic()
    if way is None:
        for case in range(10):
            for script in submissions:
                run([b.python, script], b.env, b.tmp, stdin=os.path.join(problem, f"{case}.in"))
    else:
        argv = [b.proctor, "judge", "-q", "-j", "1", "-o", place, "--python", b.python, *way, problem, *submissions]
        if subprocess.run(argv, env=b.env, stdin=subprocess.DEVNULL, check=False).returncode:
            raise Failed("not all were judged")
    took = time.monotonic() - begin
    return took


def one_by_one(b, script, runs):
    """Seconds for each of RUNS native runs of SCRIPT."""
    return sum(run([b.python, script], b.env, b.tmp).wall for _ in range(runs)) / runs


def batched(b, script, runs, way):
    """Seconds for each of RUNS runs of SCRIPT by one command, one at a time."""
    place = own_place(b, "batched")
    jobs = "".join(json.dumps({"id": f"r{n}", "argv": [script]}) + "\n" for n in range(runs))
    argv = [b.proctor, "batch", "-q", "-j", "1", "-o", place, "--python", b.python, *way, "-"]
    begin = time.monotonic()
    if subprocess.run(argv, env=b.env, input=jobs, text=True, check=False).returncode:
        raise Failed("not all were run")
    took = time.monotonic() - begin
    return took / runs


def warm_cases(b):
    cases = []
    for name, text, preload in SCRIPTS:
        if name == "numpy" and subprocess.run([b.python, "-c", text], env=b.env, capture_output=True, check=False).returncode:
            continue
        script = b.script("imports")[1]
        if text is not None:
            script = os.path.join(b.tmp, f"run-{name}.py")
            with open(script, "w", encoding="ascii") as out:
                out.write(text + "\n")
        ways = {"native": lambda script=script: run([b.python, script], b.env, b.tmp).wall,
                "proctor": lambda script=script: under_proctor(b, script, []),
                "fork server": lambda script=script, preload=preload: forked(b, script, preload)}
        for mode in "exact", "quick":
            ways[f"warm, {mode}"] = lambda script=script, preload=preload, mode=mode: under_proctor(
                b, script, ["--warm", pool(b, mode, preload)])
        cases.append(Case(f"warm-{name}", f"from a held interpreter: {name}", [Variant(*way) for way in ways.items()], 12, "ms"))
        runs = b.scaled(200, 20)
        ways = {"native": lambda script=script: one_by_one(b, script, b.scaled(40, 8))}
        for label, way in ("proctor", []), ("warm, exact", ["--warm", "exact"]), ("warm, quick", ["--warm", "quick"]):
            way = [*way, *(f"--preload={name}" for name in preload if way)]
            ways[label] = lambda script=script, way=way: batched(b, script, runs, way)
        cases.append(Case(f"warm-batch-{name}", f"each of {runs} runs of a batch, with its pool: {name}", [Variant(*way) for way in ways.items()], 12, "ms", rounds=3))
    problem = os.path.join(b.tmp, "problem")
    os.makedirs(problem, exist_ok=True)
    submissions = [os.path.join(b.tmp, f"submission{n}.py") for n in range(b.scaled(20, 4))]
    for n in range(10):
        for ending, value in ("in", n), ("ans", n * n):
            with open(os.path.join(problem, f"{n}.{ending}"), "w", encoding="ascii") as out:
                out.write(f"{value}\n")
    for path in submissions:
        with open(path, "w", encoding="ascii") as out:
            out.write("print(int(input()) ** 2)\n")
    ways = {"native": None, "proctor": [], "warm, exact": ["--warm", "exact"], "warm, quick": ["--warm", "quick"]}
    cases.append(Case("warm-judged", f"{len(submissions)} submissions on 10 cases", [
        Variant(label, lambda way=way: judged(b, problem, submissions, way)) for label, way in ways.items()], 30, "s", rounds=2))
    return cases
