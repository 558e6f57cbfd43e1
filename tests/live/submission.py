#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What lies beside a script: granted with it, unless --submission says that it is alone; and what the run itself leaves
or was started with there is not its program's to read."""

import json
import os
import sys

sys.dont_write_bytecode = True
import harness as h

FLAT = os.path.realpath(h.place())
PROGRAM = """
import json, os, sys
def look(path, how=lambda p: open(p).read()[:20]):
    try: return how(path)
    except OSError as e: return type(e).__name__
names = sys.argv[1:]
got = {n: look(n) for n in names}
try:
    import bob
    got["import"] = "bob"
except ImportError as e: got["import"] = type(e).__name__
import decimal
got["list"] = look(os.path.dirname(os.path.abspath(__file__)), lambda p: sorted(os.listdir(p)))
got["self"] = look(__file__)[:5]
print(json.dumps(got))
"""
alice = h.put(FLAT, "alice.py", PROGRAM)
h.put(FLAT, "bob.py", "SECRET = 1\n")
h.put(FLAT, "case.out", "42\n")
h.put(FLAT, "sub/data.txt", "data\n")
policy = h.put(FLAT, "exam.yaml", "version: 1\nextends: [builtin:pure, ./site.yaml]\n")
h.put(FLAT, "site.yaml", "version: 1\nlimits: {tasks: 8}\n")


def run(*options, script=alice, names=("bob.py", "case.out"), own=False, **more):
    more.setdefault("cwd", FLAT)
    done = h.proctor([h.PYTHON, script, *(f"{FLAT}/{n}" for n in names)], *options, **more)
    got = json.loads(done.out) if done.out else {}
    return done, {k.replace(FLAT + "/", ""): v for k, v in got.items()}


h.title("the directory, by default")
done, got = run()
h.equal("what lies beside the script can be read and imported", (got.get("bob.py"), got.get("case.out"), got.get("import")), ("SECRET = 1\n", "42\n", "bob"))

h.title("--submission FILE")
done, got = run("--submission", alice)
h.equal("the script alone: another submission and the answers are refused", (got.get("bob.py"), got.get("case.out")), ("PermissionError",) * 2)
h.equal("and not imported", got.get("import"), "ModuleNotFoundError")
h.equal("the script itself can be read, and its directory is not listed", (got.get("self"), got.get("list")), ("\nimpo", "FileNotFoundError"))
h.equal("that the interpreter looks for modules there is no violation", done.verdict["violations"], 2)
start = done.records[0]
h.check("the start record says so", start["script"].get("alone") is True and start["script"]["directory"] == FLAT, start["script"])
again = h.finished([h.PROCTOR, "policy", "test", "builtin:pure", done.log_path], None, None, b"", None, 30, {})
h.check("policy test decides the log alike", again.status == 0 and b"\n0 of " in b"\n" + again.out, again)
done, got = run("--submission", "alice.py", "-r", f"{FLAT}/case.out")
h.equal("what else is granted, is", (got.get("bob.py"), got.get("case.out")), ("PermissionError", "42\n"))

h.title("--submission DIR")
inner = h.put(FLAT, "sub/main.py", PROGRAM)
done, got = run(script=inner, names=("bob.py", "sub/data.txt"))
h.equal("by default it is the script's own", (got.get("bob.py"), got.get("sub/data.txt")), ("PermissionError", "data\n"))
done, got = run("--submission", FLAT, script=inner, names=("bob.py", "sub/data.txt"))
h.equal("or one above it", (got.get("bob.py"), got.get("sub/data.txt")), ("SECRET = 1\n", "data\n"))
for path, status, said in ((FLAT + "/bob.py", 64, b"another file"), (FLAT + "/none", 127, b"No such file"), ("/usr", 64, b"does not lie in it")):
    done, _ = run("--submission", path)
    h.check(f"{os.path.basename(path)} is none", done.status == status and said in done.err, done)
done = h.proctor([h.PYTHON, "-c", "pass"], "--submission", FLAT, cwd=FLAT)
h.check("nor is any of a program that is no script", done.status == 64 and b"no script" in done.err, done)

h.title("the run's own")
done, got = run("-p", policy, "-o", f"{FLAT}/log.jsonl", "--verdict", f"{FLAT}/verdict.json", "--live", f"{FLAT}/live.txt", log=False, verdict=False,
                names=("log.jsonl", "verdict.json", "live.txt", "exam.yaml", "site.yaml", "bob.py"))
h.equal("log, verdict, live output and the policy's texts are refused", [got.get(n) for n in ("log.jsonl", "live.txt", "exam.yaml", "site.yaml")], ["PermissionError"] * 4)
h.check("so is the verdict, whether it is there or not", got.get("verdict.json") == "PermissionError", got)
h.equal("the rest of the directory is not", got.get("bob.py"), "SECRET = 1\n")
with open(f"{FLAT}/log.jsonl") as log:
    refused = [json.loads(line) for line in log if '"denied"' in line]
h.check("and the records say why", {r["rule"]["ref"] for r in refused if r["decision"].get("violation")} == {"builtin:log"}, refused[:2])
# A test runner looks at each name beside the tests, and beneath it: pathlib's is_dir() lets EACCES through.
beside = h.put(h.place(), "look.py", "import os, pathlib\nhere = pathlib.Path(__file__).parent\n"
               "print(sorted(p.name for p in here.iterdir() if p.is_dir() or p.is_file() or (p / 'pyvenv.cfg').is_file()))\n"
               "print(os.access(here / 'log', os.R_OK), sorted(p.name for p in here.iterdir()))\n")
done = h.proctor([h.PYTHON, beside], "-o", os.path.dirname(beside) + "/log", log=False)
h.check("a look at the run's own log finds nothing, and is no violation", done.out == b"['look.py']\nFalse ['log', 'look.py']\n" and done.verdict["violations"] == 0, done)
with open(f"{FLAT}/by-number", "w") as log:
    done, got = run("-o", str(log.fileno()), names=("by-number",), log=False, verdict=False, pass_fds=(log.fileno(),))
h.equal("a log that was opened by the caller, too", got.get("by-number"), "PermissionError")
done, got = run("-r", f"{FLAT}/mine.jsonl", "-o", f"{FLAT}/mine.jsonl", log=False, verdict=False)
h.check("a rule that names it is an error", done.status == 65 and b"is under never (builtin:log)" in done.err, done)
h.finish()
