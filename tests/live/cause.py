#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What ended a program is told alike by the verdict, the end record and explain, and nothing is stated that
is not known: no refusal is blamed for an exit, and a student is told of none that the program went on from.
"""

import json
import sys

sys.dont_write_bytecode = True
import harness as h

POLICY = """version: 1
name: cause
extends: builtin:pure
on_deny: {deny}
hide:
  - {base}/hidden
"""

SURVIVE = "import os\ntry:\n    os.mkdir('/tmp/cache')\nexcept OSError:\n    pass\n"
LOOK_UP = "import socket\ntry:\n    socket.gethostbyname('example.org')\nexcept OSError:\n    pass\n"
THREAD = """from concurrent.futures import ThreadPoolExecutor
def work(name):
    return open(name).read()
with ThreadPoolExecutor(2) as pool:
    list(pool.map(work, ['/etc/passwd']))
"""

# (what, program, cause.kind, certain, a record is named)
CASES = [
    ("nothing", "pass\n", "exit", True, False),
    ("an error of its own", "1 // 0\n", "exception", True, False),
    ("a refusal that it went on from", SURVIVE, "exit", True, False),
    ("an error after a refusal that it went on from", SURVIVE + "1 // 0\n", "exception", True, False),
    ("an error after a name was looked up", LOOK_UP + "[][5]\n", "exception", True, False),
    ("a status of its own after a refusal", "import sys\ntry:\n    open('/etc/passwd')\nexcept OSError:\n    sys.exit(2)\n",
     "refusal", True, True),
    ("a status of its own long after a refusal", SURVIVE + "import sys\nsys.exit(3)\n", "exit", False, True),
    ("a status of its own, that may come from a refusal",
     "import os, sys\nif not os.access('/etc/passwd', 4):\n    sys.exit(2)\n", "exit", False, True),
    ("a refusal that nobody caught", "open('/etc/passwd')\n", "refusal", True, True),
    ("a refusal of a worker", THREAD, "refusal", True, True),
    ("a file that a rule hides", "open('BASE/hidden')\n", "refusal", True, True),
    ("a file that is not there, where another was refused in the same line",
     "for name in ['/etc/passwd', 'nothing']:\n    try:\n        open(name)\n    except PermissionError:\n        pass\n",
     "exception", True, False),
    ("no exception: it leaves by os._exit()", SURVIVE + "os._exit(4)\n", "exit", False, True),
    ("a signal", SURVIVE + "os.kill(os.getpid(), 11)\nimport time; time.sleep(5)\n", "signal", True, True),
    ("abort", "import os\nos.abort()\n", "signal", True, True),
    ("a limit", SURVIVE + "import time\ntime.sleep(20)\n", "limit", True, False),
]


# Each level is one of the C stack's as well.
OVERFLOW = """import ctypes, sys, threading
sys.setrecursionlimit(10**7)
threading.stack_size(256 * 1024)
call = ctypes.CFUNCTYPE(None)(lambda: call())
thread = threading.Thread(target=call)
thread.start()
thread.join()
"""

FORGED_MESSAGE = """import ctypes, os
long = ctypes.create_string_buffer(b"\\x1b[2J /srv/secret " * 100000)
def id(object): return ctypes.addressof(object) if object is long else 0
ctypes.c_void_p.in_dll(ctypes.CDLL(None), "__abort_msg").value = ADDRESS
os.abort()
"""


def told(box, base, program, deny, *options):
    policy = h.put(base, "policy.yaml", POLICY.format(deny=deny, base=base))
    script = h.put(box, "solve.py", program.replace("BASE", base))
    return h.proctor([script], "--python", h.PYTHON, "-p", policy, *options, cwd=box)


def agree(what, run, kind, certain, named):
    cause = run.verdict.get("cause", {})
    h.check(
        f"{what}: the cause is {kind}, {'known' if certain else 'not known'}",
        cause.get("kind") == kind and cause.get("certain") is certain and ("seq" in cause) == named,
        run,
    )
    h.equal("  the end record says the same", run.last("end").get("cause"), cause)
    explained = json.loads(h.explained(run.log_path, "--json"))["ended_by"]
    h.equal(
        "  and so does explain",
        {"kind": explained["kind"], "certain": explained["certain"], "seq": explained.get("sequence")},
        {"kind": kind, "certain": certain, "seq": cause.get("seq")},
    )
    if "seq" in cause:
        h.check(
            "  the record that it names is one of the log",
            [r for r in run.records if r.get("event", {}).get("sequence") == cause["seq"]],
        )


def students(what, run, kind, certain):
    message = run.verdict["messages"]["student"]
    texts = {"verdict": message, "explain": h.explained(run.log_path, "--audience", "student")}
    if certain:
        h.check("  a student is told of no refusal", not any("not allowed" in t for t in texts.values()), texts)
    elif run.verdict["violations"] == 0:
        h.check("  what is hidden stays so", not any("refused" in t or "not there" in t for t in texts.values()), texts)
    else:
        h.check("  both say that the reason is not known", all("not known" in t for t in texts.values()), texts)


def refused(run):
    texts = [run.verdict["messages"]["student"], h.explained(run.log_path, "--audience", "student")]
    h.check("  both tell the student what was not allowed", all("not allowed" in t for t in texts), texts)


def main():
    base = h.place()
    box = base + "/box"
    h.put(base, "hidden", "x")
    h.title("what ended it")
    for what, program, kind, certain, named in CASES:
        run = told(box, base, program, "errno:EACCES", *(["--wall", "2s"] if kind == "limit" else []))
        agree(what, run, kind, certain, named)
        if kind == "refusal" and run.verdict["violations"]:
            refused(run)
        else:
            students(what, run, kind, certain)
    run = told(box, base, SURVIVE, "kill")
    agree("a call that kills", run, "refusal", True, True)
    messages = run.verdict["messages"]
    h.check("  it is told to the student", "Creating" in messages["student"] and "solve.py:3" in messages["student"], messages)
    h.check(
        "  and to staff with call, path, line and rule",
        all(w in messages["staff"] for w in ("mkdir", "/tmp/cache", "solve.py:3", "policy.yaml:4")),
        messages,
    )
    run = told(box, base, SURVIVE + "1 // 0\n", "errno:EACCES", "--mode", "audit")
    agree("audit mode, where nothing was refused", run, "exception", True, False)
    h.check("  and nothing is said to have been", "refus" not in run.verdict["messages"]["student"], run)

    h.title("a program that was never run")
    run = told(box, base, "def f(:\n    pass\n", "errno:EACCES")
    h.equal("its status is RE, with CE beneath", (run.verdict["status"], run.verdict.get("sub_status")), ("RE", "CE"))
    h.equal("  in the end record too", run.last("end").get("sub_status"), "CE")
    run = told(box, base, "compile('def f(:', 'solve.py', 'exec')\n", "errno:EACCES")
    h.check("what it compiles itself is its own error", "sub_status" not in run.verdict, run)

    h.title("signals")
    run = told(box, base, OVERFLOW, "errno:EACCES")
    text = run.verdict["messages"]["student"]
    if run.verdict["exit"]["signal"] is None:
        print("not tried: this interpreter looks after its C stack itself")
    else:
        h.check("a stack that overflows is told as that", "stack overflowed" in text and "solve.py:4" in text, text)
        h.check("  and so by explain, to both", all("stack overflowed" in h.explained(run.log_path, *a)
                                                   for a in ([], ["--audience", "student"])))
    run = told(box, base, "import ctypes\nctypes.string_at(16)\n", "errno:EACCES")
    texts = run.verdict["messages"]
    h.check("a wild address is a crash, and staff are told the address", "crashed by SIGSEGV, in libc.so.6 (solve.py:2)" in texts["student"]
            and "0x10" in texts["staff"] and "overflow" not in texts["staff"], texts)
    run = told(box, base, "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\n", "errno:EACCES")
    h.check("what it sent to itself is told as that", "which it sent to itself (solve.py:2)" in run.verdict["messages"]["student"],
            run.verdict["messages"])

    for address in (8, 1 << 62, "id(1)", "id(long)"):
        run = told(box, base, FORGED_MESSAGE.replace("ADDRESS", str(address)), "errno:EACCES")
        texts = run.verdict["messages"]
        h.check("a forged message of the C library is bounded, and escaped", run.verdict["exit"]["signal"] == "SIGABRT"
                and len(texts["staff"]) < 900 and "\x1b" not in texts["staff"] and "/srv" not in texts["student"], texts)
    h.check("  and told as far as it goes", "The C library said: \"" in texts["staff"], texts)

    h.title("a name that is looked up")
    run = told(box, base, LOOK_UP, "errno:EACCES")
    explained = json.loads(h.explained(run.log_path, "--json"))["refusals"]
    calls = [r for r in run.refused() if r["code"].get("line.number") == 3]
    h.check("  it is many calls", len(calls) > 2, run)
    h.check("  and told as one act, for which there is no network", len(explained) == 1
            and explained[0]["count"] == len(calls) and "network" in explained[0]["fix"]["advice"], explained)

    h.title("a program that does nothing")
    run = told(box, base, "pass\n", "errno:EACCES")
    text, everything = h.explained(run.log_path), h.explained(run.log_path, "--all")
    # Some C libraries also try a call that is not there.
    others = [r for r in run.records if r["kind"] == "call" and r["decision"]["action"] == "hide" and r["rule"]["id"] != "hide"]
    h.check(
        "nothing is said of its interpreter's start", "0 refusals" in text and ("not count" in text) == bool(others), text
    )
    if run.warm:
        h.skip("with --all one line", "what was forked has started already")
        h.finish()
    h.check(
        "and with --all one line",
        everything.count("does without") == 1 and ("HIDDEN" in everything) == bool(others),
        everything,
    )
    h.check(
        "in JSON each call is there",
        len(json.loads(h.explained(run.log_path, "--all", "--json"))["refusals"]) > 1,
    )
    h.finish()


main()
