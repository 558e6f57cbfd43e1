#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A program cannot flood the log: whatever it puts into names, paths and stacks, a record has a bound and says
what was cut, can still be explained with its arguments, and the log has a size at which the run ends."""

import json
import os
import subprocess
import sys

sys.dont_write_bytecode = True
import harness as h

RECORD_MAX = 64 << 10  # what proctor-log(5) says
SOCKET = 41

# Refusals beneath 300 frames whose every name is of such characters as take most in JSON.
DEEP = r"""
import ctypes, sys
sys.setrecursionlimit(3000)
libc = ctypes.CDLL(None)
name = eval(sys.argv[1]) * 1024
code = compile("def f(n):\n if n: return f(n - 1)\n g()\n", name, "exec")
def g():
    for i in range(int(sys.argv[2])): libc.syscall(41, 7, i, 0)
space = {"g": g}
exec(code, space)
f = space["f"]
more = {"co_qualname": name} if sys.version_info >= (3, 11) else {}
f.__code__ = f.__code__.replace(co_name=name, **more)
f(300)
print("done")
"""

PATHS = r"""
import ctypes
libc = ctypes.CDLL(None)
for fill in b"\1", b"\1" + b"1", b"\xff", b"\1\xff", b"\\", b'"', b"a":
    path = b"/" + (fill * 4096)[:250] + b"/" + (fill * 4096)[:3800]
    libc.rename(path, path)
    libc.symlink(path, path)
    libc.execv(path, (ctypes.c_char_p * 3)(path, path, None))
print("done")
"""

LINKS = r"""
import os
os.chdir(os.path.dirname(os.path.abspath(__file__)))
for i in range(20):
    try: open('l/' * 39 + 'd/../' * 300 + '../' * 20 + 'etc/\1' + '\1' * 100)
    except OSError: pass
print("done")
"""


def lines_of(run):
    with open(run.log_path, "rb") as log:
        return log.read().splitlines(True)


def bounded(sentence, run):
    longest = max(
        (len(line) for line in lines_of(run) if json.loads(line)["kind"] in ("call", "signal")), default=0
    )
    h.check(f"{sentence}: no record is longer than 64 KiB ({longest})", 0 < longest <= RECORD_MAX, longest)


def explain(run, *options):
    done = subprocess.run(
        [h.PROCTOR, "explain", *options, run.log_path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120
    )
    return done.stdout.decode("utf-8", "replace")


def deep(box):
    script = h.put(box, "deep.py", DEEP)
    for title, fill in ("control characters", "'\\1'"), ("surrogates", "'\\udcff'"), ("wide", "'\\U0001f600'"):
        for stack in "python", "both":
            run = h.proctor([h.PYTHON, script, fill, "20"], "--stack", stack)
            what = f"300 frames, names of {title}, --stack {stack}"
            h.check(f"{what}: the program runs to its end", run.status == 0 and run.out == b"done\n", run)
            bounded(what, run)
            refused = [r for r in run.calls("socket")]
            h.equal(f"{what}: each refusal is there with its arguments", len(refused), 20)
            h.check(
                f"{what}: what was cut is said",
                all({"stack.python", "code"} & set(r.get("truncated", ())) for r in refused),
                refused[:1],
            )
            h.check(
                f"{what}: frames of both ends are kept, and the others counted",
                all(counted(r["stack"]["python"]) for r in refused),
                refused[0]["stack"]["python"][:3] if refused else None,
            )
            h.equal(f"{what}: the log is complete", run.verdict.get("log", {}).get("complete"), True)
    told = json.loads(explain(run, "--json"))
    h.check(
        "such a refusal is explained with its arguments",
        "0x7" in json.dumps(told) and "socket" in json.dumps(told),
        json.dumps(told)[:600],
    )


def too_long(box):
    """A record that is longer than explain keeps, of another version or forged: only its stack is left out."""
    run = h.proctor([h.PYTHON, "-c", "import os\ntry: os.mkdir('/nothing/here', 0o701)\nexcept OSError: pass"])
    (refused,) = run.calls("mkdir")
    refused["stack"]["python"] = [{"file": "f" * 1000, "line": 1, "function": "g"}] * 2000
    records = [refused if r.get("event") == refused["event"] else r for r in run.records]
    with open(run.log_path, "w") as log:
        log.writelines(json.dumps(r, separators=(",", ":")) + "\n" for r in records)
    told = explain(run)
    h.check("a record of 2 MB is explained with its arguments", "/nothing/here" in told and "0701" in told, told)


def counted(frames):
    kept = [f for f in frames if "omitted" not in f]
    omitted = [f["omitted"] for f in frames if "omitted" in f]
    # 300 of f, its first one, g and two of the module: up to 3.10 g is as deep as from 3.11 on.
    return len(omitted) == 1 and 302 <= len(kept) + omitted[0] <= 304 and "omitted" not in frames[0] and len(kept) > 5


def paths(box):
    run = h.proctor([h.PYTHON, h.put(box, "paths.py", PATHS)])
    h.check("paths of such characters: the program runs to its end", run.status == 0 and run.out == b"done\n", run)
    bounded("paths of such characters", run)
    seen = run.calls("rename") + run.calls("symlink") + run.calls("execve")
    h.equal("paths of such characters: each call is there", len(seen), 21)
    for r in seen:
        cut = [a for a in r["syscall"]["args"] if a.endswith("...")]
        h.check(
            f"{r['event']['action']}: an argument that was cut says so, and so does its record",
            (len(cut) > 0) <= ("syscall.args" in r.get("truncated", ())),
            r["syscall"]["args"],
        )
    os.mkdir(box + "/d")
    os.symlink(".", box + "/l")
    run = h.proctor([h.PYTHON, h.put(box, "links.py", LINKS)])
    h.check("long ways: the program runs to its end", run.status == 0 and run.out == b"done\n", run)
    bounded("long ways", run)
    refused = [r for r in run.refused() if r["event"]["action"].startswith("open")]
    h.check(
        "long ways: steps that are left out are said to be",
        len(refused) == 20 and all("file.resolution" in r.get("truncated", ()) for r in refused),
        refused[:1] or run.calls()[-3:],
    )
    h.check("long ways: and explain says so", " → … → " in explain(run).replace("\n", " "), explain(run))


def the_log(box):
    endless = h.put(box, "endless.py", "import os\nwhile True: os.access('d', 4)\n")
    for options in ["--log-max", "1MiB"], ["--log-max", "1MiB", "--calls", "all"]:
        run = h.proctor([h.PYTHON, endless], "--wall", "50s", *options)
        size = os.path.getsize(run.log_path)
        h.check(
            f"{' '.join(options)}: the run ends when the log is that large ({size})",
            run.verdict.get("status") == "PV" and size < (1 << 20) + 4 * RECORD_MAX,
            run,
        )
        end = run.last("end")
        h.check(f"{' '.join(options)}: and the log says why", end and end.get("log_full") is True, end)
    policy = h.put(h.place(), "p.yaml", "version: 1\nextends: builtin:pure\nlog: {max: 1MiB, on_full: kill}\n")
    script = h.put(box, "some.py", "import os\nfor i in range(6000): os.access('d', 4)\nprint('done')\n")
    for limit in "40MiB", "none":
        run = h.proctor([h.PYTHON, script], "-p", policy, "--log-max", limit)
        h.check(
            f"--log-max {limit} takes the place of the policy's",
            run.status == 0 and os.path.getsize(run.log_path) > 1 << 20,
            run,
        )
    run = h.proctor([h.PYTHON, "-c", "pass"])
    h.check(
        "without a word of it a log has a size that it does not pass",
        "\n  max: 256MiB" in run.last("start")["policy"]["effective"],
        run.last("start")["policy"]["effective"][-200:],
    )
    for wrong in "0", "1000", "much", "", "-1":
        run = h.proctor([h.PYTHON, "-c", "pass"], f"--log-max={wrong}", log=False, verdict=False)
        h.check(f"--log-max={wrong} is refused", run.status not in (0, None) and b"--log-max" in run.err, run)


def main():
    box = h.place()
    deep(box)
    too_long(box)
    paths(box)
    the_log(box)
    h.finish()


main()
