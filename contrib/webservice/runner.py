# SPDX-License-Identifier: Apache-2.0
"""One program under proctor, and what there is to tell of it.

What is told has two halves, and they are never mixed:

"proctor": the verdict, the refusals and the profile from outside. proctor writes them by descriptors of its own into
           a directory that no program is given, so a program can choose what it does but not what is said of it. Texts
           in it (names, lines of source, messages of exceptions) are the program's all the same: data, never markup.
"program": its output, and what a hook inside its own process left. The program can write there what it likes.
"""

import json
import math
import os
import pathlib
import shutil
import subprocess
import tempfile

import proctor

HERE = pathlib.Path(__file__).resolve().parent
#: What each number of a hook's row is.
HOOKS = {"cprofile": ("calls", "own seconds", "all seconds"), "lines": ("times",), "memory": ("bytes", "blocks")}
SCRATCH = "8MiB"
TEXT = 64 << 10  # of each output, what is told
LEFT = 256 << 10  # of what a hook leaves, what is read
ROWS = 200  # of a table
WORD = 300  # of a name
REPORT = 8 << 20  # of the whole report


def why_no_hooks(policy):
    """None if hooks can be had, else the reason: what they leave needs a scratch with a size that holds."""
    try:
        proctor.run(["python3", "-c", ""], policy=policy, scratch=SCRATCH)
    except proctor.HostError as error:
        return str(error)
    return None


def run(program, stdin, *, hook=None, report=False, audience="student", policy=HERE / "service.yaml"):
    """Runs PROGRAM, its source as bytes, with STDIN. HOOK is one of HOOKS or None. What is told, for JSON."""
    with tempfile.TemporaryDirectory(prefix="webservice-") as name:
        place = pathlib.Path(name).resolve()  # as the log names it
        box, left, log = place / "box", place / "left", place / "log.jsonl"
        box.mkdir()
        (box / "solve.py").write_bytes(program)
        options = {"policy": policy, "log": log, "profile": True, "stdin": stdin}
        if hook:
            shutil.copy(HERE / "hooks.py", box / "proctor_hooks.py")
            options.update(scratch=SCRATCH, collect={"hooks.json": left})
            result = proctor.run(["python3", str(box / "proctor_hooks.py"), hook], **options)
        else:
            result = proctor.run(box / "solve.py", **options)
        told = {"proctor": outside(result.verdict, log, box / "solve.py", audience), "program": inside(result, hook, left)}
        if report:
            told["report"] = whole_report(log, box / "solve.py")
        return told


# ---------------------------------------------------------------- what proctor says


def outside(verdict, log, script, audience):
    raw = verdict.raw
    return {
        "status": verdict.status,
        "message": verdict.staff if audience == "staff" else verdict.student,
        "cause": {name: raw["cause"][name] for name in ("kind", "certain")},
        "exit": raw["exit"],
        "limit": raw.get("limit") and {name: raw["limit"][name] for name in ("name", "value", "used")},
        "cpu_ns": verdict.cpu_ns,
        "user_ns": verdict.user_ns,
        "tasks_peak": verdict.tasks_peak,
        "wall_ns": verdict.wall_ns,
        "memory_bytes": verdict.memory_bytes,
        "violations": verdict.violations,
        "by_subject": raw["refusals"],
        "refusals": refusals(log, audience),
        "profile": profile(log, str(script)),
    }


def command(*words):
    """What proctor, called with WORDS, writes to standard output: bytes."""
    binary = os.environ.get("PROCTOR") or "proctor"
    done = subprocess.run([binary, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False, timeout=60)
    return done.stdout


def refusals(log, audience):
    """Each group of refusals that explain makes: how often, where, what it says, and what helps."""
    explained = json.loads(command("explain", "--all", "--json", "--audience", audience, log))
    rows = []
    for one in explained["refusals"][:ROWS]:
        fix = one.get("fix") or {}
        rows.append({
            "count": one["count"],
            "place": one.get("place"),
            "call": one.get("call"),
            "message": one["messages"][audience],
            "fix": fix.get("advice") or fix.get("option") or fix.get("policy"),
        })  # fmt: skip
    return rows


def profile(log, script):
    """Samples by line of the program: of each stack its innermost frame in SCRIPT, so what a library computes counts
    with the line that called it."""
    try:
        found = [record["profile"] for record in proctor.records(log) if record["kind"] == "profile"]
    except proctor.LogError:
        found = []
    if not found:
        return None
    lines = {}
    for stack in found[0]["stacks"]:
        line = next((frame["line"] for frame in stack["python"] if frame["file"] == script), None)
        if line is not None:
            lines[line] = lines.get(line, 0) + stack["samples"]
    return {"hz": found[0]["hz"], "samples": found[0]["samples"], "lines": sorted(lines.items())}


def whole_report(log, script):
    """The page of proctor report, which needs nothing beside it; None if it is too large to hand on."""
    page = command("report", "--source", script, "-o", "-", log)
    return page.decode("utf-8", "replace") if len(page) <= REPORT else None


# ---------------------------------------------------------------- what the program says


def inside(result, hook, left):
    told = {"stdout": text(result.stdout), "stderr": text(result.stderr), "hook": None}
    if hook:
        told["hook"] = {"name": hook, "columns": HOOKS[hook], "rows": hook_rows(left / "hooks.json", len(HOOKS[hook]))}
    return told


def text(data):
    return {"text": data[:TEXT].decode("utf-8", "replace"), "bytes": len(data), "cut": len(data) > TEXT}


def hook_rows(path, numbers):
    """The rows that a hook left: file, line, function and NUMBERS numbers each. None if there are none, or if they
    are not like that: then the program wrote them."""
    try:
        with open(path, "rb") as file:
            data = file.read(LEFT + 1)
        rows = json.loads(data) if len(data) <= LEFT else None
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(rows, list) or len(rows) > ROWS:
        return None
    if not all(is_row(row, numbers) for row in rows):
        return None
    return [[row[0][-WORD:], row[1], row[2][:WORD], *row[3:]] for row in rows]


def is_row(row, numbers):
    if not isinstance(row, list) or len(row) != 3 + numbers:
        return False
    if not isinstance(row[0], str) or not isinstance(row[2], str):
        return False
    return type(row[1]) is int and all(is_number(n) for n in [row[1], *row[3:]])


def is_number(value):
    """A number that a page can show: true is none, and neither is 1e999."""
    return type(value) in (int, float) and math.isfinite(value) and 0 <= value < 1 << 53
