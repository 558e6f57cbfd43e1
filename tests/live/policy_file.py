#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A policy given with -p decides: read, hide, on_deny, limits, log and never, each seen in a run; a
command-line option goes before it.
"""

import json
import os
import sys

sys.dont_write_bytecode = True
import harness as h

PROGRAM = r"""
import json, os, sys
def look(path):
    try:
        with open(path) as f: return f.read().strip()
    except OSError as e: return e.strerror
print(json.dumps([look(p) for p in sys.argv[1:]]))
"""


class Bench:
    def __init__(self):
        self.box = h.place()
        self.data = h.place()
        for name in (
            "a.txt",
            "b.txt",
            "sub/c.txt",
            "sub/deep/d.txt",
            "answer/e.txt",
            "x.out",
            "sp ace/f",
            "uni\u00e9/g",
            "[q]/h",
        ):
            h.put(self.data, name, name + "\n")
        self.script = h.put(self.box, "look.py", PROGRAM)
        self.n = 0

    def policy(self, text):
        self.n += 1
        return h.put(self.box, f"p{self.n}.yaml", text.replace("DATA", self.data).replace("BOX", self.box))

    def look(self, text, *names, options=(), status=0):
        run = h.proctor(
            [h.PYTHON, self.script] + [n if n.startswith("/") else f"{self.data}/{n}" for n in names],
            "-p",
            self.policy(text),
            *options,
        )
        answers = json.loads(run.out) if run.status == 0 and run.out else None
        return run, answers


DENIED, ABSENT = "Permission denied", "No such file or directory"


def grants(b):
    names = "a.txt", "b.txt", "sub/c.txt", "sub/deep/d.txt", "none.txt"
    for what, rule, want in (
        ("a directory and all beneath", '"DATA/**"', ["a.txt", "b.txt", "sub/c.txt", "sub/deep/d.txt", ABSENT]),
        ("one file", "DATA/a.txt", ["a.txt", DENIED, DENIED, DENIED, DENIED]),
        ("a pattern", '"DATA/*.txt"', ["a.txt", "b.txt", DENIED, DENIED, ABSENT]),
        ("a directory in the middle", '"DATA/sub/**"', [DENIED, DENIED, "sub/c.txt", "sub/deep/d.txt", DENIED]),
        ("two rules", '["DATA/a.txt", "DATA/sub/deep/d.txt"]', ["a.txt", DENIED, DENIED, "sub/deep/d.txt", DENIED]),
    ):
        rule = rule if rule.startswith("[") else f"[{rule}]"
        run, got = b.look(f"version: 1\nextends: builtin:pure\nread: {rule}\n", *names)
        h.equal(f"read: {what}", got, want)
        h.check(f"read: {what}: refusals are the log's", run.verdict["violations"] == want.count(DENIED), run.verdict)
    run, got = b.look(
        'version: 1\nextends: builtin:pure\nread: ["DATA/sp ace/f", "DATA/uni\u00e9/**"]\n',
        "sp ace/f",
        "uni\u00e9/g",
        "[q]/h",
    )
    h.equal("read: a space, a letter beyond ASCII", got, ["sp ace/f", "uni\u00e9/g", DENIED])
    run, got = b.look(
        "version: 1\nextends: builtin:python\nread: [\"%{submission}/look.py\"]\n",
        "a.txt",
        f"{b.box}/p1.yaml",
        f"{b.box}/look.py",
    )
    h.check(
        "builtin:python and the script alone: nothing beside it",
        got and got[:2] == [DENIED, DENIED] and got[2].startswith("import json"),
        run,
        got,
    )
    run, got = b.look("version: 1\nextends: builtin:pure\n", "a.txt", "sub/c.txt", options=["-r", b.data + "/sub"])
    h.equal("-r adds to the policy", got, [DENIED, "sub/c.txt"])
    run, got = b.look("{\"version\": 1, \"extends\": \"builtin:pure\", \"read\": [\"DATA/a.txt\"]}", "a.txt", "b.txt")
    h.equal("JSON is YAML", got, ["a.txt", DENIED])


def hides(b):
    text = (
        'version: 1\nextends: builtin:pure\nread: ["DATA/**"]\nhide: ["DATA/answer/**", "DATA/*.out", "/etc/passwd"]\n'
    )
    run, got = b.look(text, "a.txt", "answer/e.txt", "answer/none", "x.out", "/etc/passwd", "/etc/shadow")
    h.equal("hide: looks absent", got, ["a.txt", ABSENT, ABSENT, ABSENT, ABSENT, DENIED])
    hidden = run.calls(decision="hide", path=b.data + "/answer/e.txt")
    h.check(
        "hide: recorded, with the rule's place, and no violation",
        hidden and hidden[0]["rule"]["ref"].endswith(".yaml:4:8") and run.verdict["violations"] == 1,
        hidden[:1],
        run.verdict,
    )


def on_deny(b):
    run, got = b.look("version: 1\nextends: builtin:pure\non_deny: errno:ENOENT\n", "a.txt")
    h.check("on_deny: errno:ENOENT", got == [ABSENT] and run.verdict["violations"] == 1, run)
    run, got = b.look("version: 1\nextends: builtin:pure\non_deny: errno:EROFS\n", "a.txt")
    h.equal("on_deny: errno:EROFS", got, ["Read-only file system"])
    for mode, status in ("child", 137), ("verdict", 15), ("judged", 0):
        run, got = b.look(
            "version: 1\nextends: builtin:pure\nread: [DATA/b.txt]\non_deny: kill\n",
            "b.txt",
            "a.txt",
            "b.txt",
            options=["--exit", mode],
        )
        h.check(
            f"on_deny: kill: status {status} with --exit {mode}",
            run.status == status and run.out == b"" and run.verdict["status"] == "PV",
            run,
        )
        last = run.calls()[-1]
        h.check(
            "on_deny: kill: the last call is the one that was killed",
            last["decision"]["action"] == "kill"
            and "ret" not in last["syscall"]
            and last["file"]["path"] == b.data + "/a.txt"
            and last["code"]["line.number"] == 5
            and run.verdict["first_violation"]["seq"] == last["event"]["sequence"],
            last,
        )
        h.check(
            "on_deny: kill: what the program did before is in the log",
            b.data + "/b.txt" in [r.get("file", {}).get("path") for r in run.calls()],
        )
    run, got = b.look("version: 1\nextends: builtin:pure\non_deny: kill\nhide: [DATA/**]\n", "a.txt")
    h.equal("on_deny: kill: what is hidden kills nobody", got, [ABSENT])
    threads = h.put(
        b.box,
        "threads.py",
        "import threading, time\ndef f():\n    time.sleep(0.1); open('/etc/passwd')\n"
        "ts = [threading.Thread(target=f) for i in range(20)]; [t.start() for t in ts]; [t.join() for t in ts]; print('reached')\n",
    )
    run = h.proctor([h.PYTHON, threads], "-p", b.policy("version: 1\nextends: builtin:pure\non_deny: kill\n"))
    h.check(
        "on_deny: kill: twenty threads at once end together",
        run.status == 137 and run.out == b"" and run.verdict["status"] == "PV",
        run,
    )


def limits(b):
    head = "version: 1\nextends: builtin:pure\n"
    spin = h.put(b.box, "spin.py", "while True: pass\n")
    run = h.proctor([h.PYTHON, spin], "-p", b.policy(head + "limits: {cpu: 300ms, wall: 20s}\n"))
    h.check(
        "limits: cpu of the policy, and where it is set",
        run.status == 124
        and run.verdict["limit"]["name"] == "cpu"
        and run.verdict["limit"]["value"] == 300000000
        and run.verdict["limit"]["ref"].split(":")[-2:] == ["3", "15"],
        run,
    )
    run = h.proctor([h.PYTHON, spin], "--wall", "200ms", "-p", b.policy(head + "limits: {cpu: 20s, wall: 20s}\n"))
    h.check(
        "limits: the option goes before the policy",
        run.verdict["limit"]["name"] == "wall" and run.verdict["limit"]["ref"] == "--wall",
        run,
    )
    run = h.proctor([h.PYTHON, spin], "--cpu", "none", "--wall", "1s", "-p", b.policy(head + "limits: {cpu: 300ms}\n"))
    h.check("limits: --cpu none lifts the policy's", run.verdict.get("limit", {}).get("name") == "wall", run)
    for options in ["--output", "0"], ["-p", b.policy(head + "limits: {output: 0}\n")]:
        run = h.proctor([h.PYTHON, "-c", "print('x')"], *options)
        h.check(
            f"limits: nothing is nothing without a unit too, and output may be nothing: {options[0]}",
            (run.out, run.verdict.get("status")) == (b"", "OL"),
            run,
        )
    for line in "cpu: 2", "wall: 0.5", "output: 3":
        name, value = line.split(": ")
        wanted = int(float(value) * (1 if name == "output" else 10**9))
        program = "import sys, time\nsys.stdout.write('abcdef')\nsys.stdout.flush()\nwhile True: time.time()"
        for options in ["-p", b.policy(head + f"limits: {{{line}}}\n")], [f"--{name}", value]:
            run = h.proctor([h.PYTHON, "-c", program], *options)
            h.check(
                f"limits: a time is in seconds and output in bytes without a unit: {options[0]} {line}",
                (run.verdict.get("limit") or {}).get("name") == name and run.verdict["limit"]["value"] == wanted,
                run,
            )
    run = h.proctor([h.PYTHON, "-c", ""], "--memory", "256")
    h.check(
        "limits: a size without a unit is an error in an option too",
        run.status == 64 and b"must have a unit: " in run.err,
        run,
    )
    for line in ("memory: 256",):
        run = h.proctor([h.PYTHON, "-c", ""], "-p", b.policy(head + f"limits: {{{line}}}\n"))
        h.check(
            f"limits: a number without a unit is an error that names the units: {line}",
            run.status == 65 and b"must have a unit: " in run.err and b".yaml:" in run.err,
            run,
        )
    run = h.proctor([h.PYTHON, "-c", "print('x' * 1000)"], "-p", b.policy(head + "limits: {output: 10B}\n"))
    h.check("limits: output", run.out == b"x" * 10 and run.verdict["status"] == "OL", run)
    run = h.proctor(
        [
            h.PYTHON,
            "-c",
            "import threading, time; [threading.Thread(target=time.sleep, args=(9,)).start() for i in range(9)]",
        ],
        "-p",
        b.policy(head + "limits: {tasks: 3}\n"),
    )
    h.check("limits: tasks", run.verdict["limit"]["name"] == "tasks" and run.verdict["limit"]["used"] == 4, run)
    start = run.records[0]
    h.check(
        "the start record holds policy, hash and limits",
        start["limits"]["tasks"] == 3
        and "tasks: 3" in start["policy"]["text"]
        and "tasks: 3" in start["policy"]["effective"]
        and start["policy"]["hash"].startswith("sha256:")
        and start["policy"]["file"].endswith(".yaml"),
        start["policy"],
    )


def logs(b):
    head = "version: 1\nextends: builtin:pure\nlog: "
    many = h.put(
        b.box,
        "many.py",
        "import os\nfor i in range(3000): os.stat('/dev/null')\ntry: open('/etc/passwd')\nexcept PermissionError: print('refused')\nprint('end')\n",
    )
    for calls in "denied", "brokered", "all":
        run = h.proctor([h.PYTHON, many], "-p", b.policy(head + f"{{calls: {calls}}}\n"))
        counts = len(run.calls("newfstatat") + run.calls("stat")), len(run.calls("read")), len(run.refused())
        h.check(
            f"log: calls: {calls}",
            run.status == 0
            and {
                "denied": counts[0] < 100 and counts[1] < 5,
                "brokered": counts[0] >= 3000 and counts[1] < 5,
                "all": counts[0] >= 3000 and counts[1],
            }[calls]
            and counts[2] == 1,
            counts,
        )
    run = h.proctor([h.PYTHON, many], "--calls", "denied", "-p", b.policy(head + "{calls: all}\n"))
    h.check("log: --calls goes before the policy", len(run.calls("newfstatat")) < 100)
    # The program's own doing, as with any other limit: ended by the policy.
    for mode, status in ("child", 137), ("verdict", 15), ("judged", 0):
        run = h.proctor([h.PYTHON, many], "--exit", mode, "-p", b.policy(head + "{max: 400KiB, on_full: kill}\n"))
        size = os.path.getsize(run.log_path)
        h.check(
            f"log: on_full: kill ends the run, status {status} with --exit {mode}",
            run.status == status
            and run.out == b""
            and run.verdict["status"] == "PV"
            and "log" in run.verdict["messages"]["staff"],
            run,
        )
        h.check(
            "log: on_full: kill: every line a record, about the cap, and an end",
            300 << 10 < size < 480 << 10 and run.records[-1]["kind"] == "end",
            size,
        )
        counts = sum(row["calls"] for row in run.last("summary")["syscalls"])
        h.check(
            "log: on_full: kill: no call is missing, so it is complete",
            len(run.calls()) == counts and run.verdict["log"]["complete"] is True,
            len(run.calls()),
            counts,
            run.verdict["log"],
        )
    run = h.proctor([h.PYTHON, many], "-p", b.policy(head + "{max: 400KiB, on_full: drop}\n"))
    lost = run.last("lost")
    h.check(
        "log: on_full: drop: the program goes on",
        run.status == 0 and run.out == b"refused\nend\n" and run.verdict["status"] == "OK",
        run,
    )
    summary = {row["name"]: row["calls"] for row in run.last("summary")["syscalls"]}
    recorded = len(run.calls()) + sum(r["kind"] == "signal" for r in run.records)
    h.check(
        "log: on_full: drop: the lost record counts what is missing, to the call",
        lost and lost["count"] + recorded == sum(summary.values()),
        lost,
        recorded,
        sum(summary.values()),
    )
    h.check(
        "log: on_full: drop: the verdict says that the log is not complete",
        run.verdict["log"]["complete"] is False and run.verdict["violations"] == 1,
        run.verdict,
    )
    h.check(
        "log: on_full: drop: a cap is a cap", os.path.getsize(run.log_path) < 480 << 10, os.path.getsize(run.log_path)
    )
    run = h.proctor([h.PYTHON, "-c", "print(1)"], "-p", b.policy(head + "{max: 1MiB, on_full: kill}\n"))
    h.check(
        "log: a cap that is not reached changes nothing",
        run.status == 0 and run.verdict["log"]["complete"] is True and not run.last("lost"),
        run,
    )


def never(b):
    run, got = b.look(
        "version: 1\nextends: builtin:pure\nread: [\"DATA/**\"]\nnever: [\"DATA/answer\"]\n", "a.txt", "answer/e.txt"
    )
    h.check("never: a path beneath a grant stays refused", run.status == 65 or got == ["a.txt", DENIED], run)
    run, got = b.look(
        "version: 1\nextends: builtin:pure\nnever: [bpf, io_uring_setup, \"DATA/answer/**\"]\n",
        "answer/e.txt",
        options=["-r", b.data],
    )
    h.check("never: the command line cannot grant it", run.status == 65 or got == [DENIED], run)
    run, got = b.look("version: 1\nextends: builtin:pure\nread: [/proc/self/mem]\n", "/proc/self/mem")
    h.check(
        "never: /proc/self/mem is granted by no policy",
        run.status == 65 or got is None or got == [DENIED] or got == [ABSENT],
        run,
    )


def shipped(b):
    examples = os.path.join(os.path.dirname(os.path.dirname(h.HERE)), "policy", "examples")
    for name in sorted(os.listdir(examples)):
        if name.startswith("strict"):
            continue
        run = h.proctor(
            [h.PYTHON, h.put(b.box, "hello.py", "print('hello', sum(range(1000)))\n")], "-q", "-p", f"{examples}/{name}"
        )
        h.check(
            f"the shipped policy {name} runs a program",
            run.status == 0 and run.out == b"hello 499500\n" and run.verdict["violations"] == 0,
            run,
        )
    for name in "builtin:pure", "builtin:python":
        run = h.proctor([h.PYTHON, b.script], "-p", name)
        h.check(f"{name} by its name", run.status == (0 if name.endswith("pure") else run.status) and run.records, run)


bench = Bench()
for part in grants, hides, on_deny, limits, logs, never, shipped:
    part(bench)
h.equal("no process is left", h.survivors(), [])
h.finish()
