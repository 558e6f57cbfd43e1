#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""proctor batch killed at random moments, BATCH_KILLS times (8): with --resume nothing is lost and nothing is twice."""
import json
import os
import random
import subprocess
import time

from harness import PROCTOR, check, clean_env, equal, finish, place, put, survivors

kills = int(os.environ.get("BATCH_KILLS") or 8)
seed = int(os.environ.get("BATCH_SEED") or time.time_ns() % 1000000)
random.seed(seed)
here = place()
out = here + "/out"
script = put(here, "twice.py", "print(2 * int(input()))\n")
count = kills + 12
names = [f"job-{i}" for i in range(count)]
jobs = put(
    here,
    "jobs.jsonl",
    "".join(
        json.dumps(
            {"id": name, "script": script, "stdin_text": str(i), "expected_text": str(2 * i if i % 3 else 1),
             "limits": {"cpu": "20s", "wall": "120s"}}
        ) + "\n"
        for i, name in enumerate(names)
    ),
)  # fmt: skip
command = [PROCTOR, "batch", "-q", "--resume", "-o", out, jobs]


def recorded():
    """The whole lines of results.jsonl."""
    try:
        with open(out + "/results.jsonl", "rb") as text:
            return text.read().rpartition(b"\n")[0].splitlines()
    except FileNotFoundError:
        return []


lost = killed = 0
for _ in range(kills):
    before = recorded()
    child = subprocess.Popen(command, env=clean_env())
    # Within the run of one job or two, on whatever machine this is.
    begin = time.monotonic()
    while len(recorded()) == len(before) and child.poll() is None and time.monotonic() - begin < 20:
        if random.random() < 0.01:
            break
        time.sleep(0.005)
    child.kill()
    killed += child.wait() == -9
    lost += recorded()[: len(before)] != before
check(f"it was killed {killed} times (seed {seed})", killed > 0)
equal("no kill took a line away", lost, 0)
equal("the rest is done", subprocess.run(command, env=clean_env(), check=False).returncode, 0)
told = [json.loads(line) for line in recorded()]
equal("each job has its result", sorted(r["id"] for r in told), sorted(names))
verdicts = {r["id"]: r["verdict"] for r in told}
equal("and the right one", verdicts, {n: "AC" if i % 3 else "WA" for i, n in enumerate(names)})
whole = 0
for r in told:
    with open(f"{out}/runs/{r['id']}/verdict.json", encoding="utf-8") as text:
        whole += json.load(text)["run"]["id"] == r["run"]["id"]
equal("the verdict in each run's directory is that of its line", whole, count)
equal("nothing is left running", survivors(), [])
finish()
