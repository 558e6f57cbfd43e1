#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a policy says of how its program starts: interpreter, working directory, umask and environment; what of it comes
before what, and what no policy may say."""

import json
import os
import sys

sys.dont_write_bytecode = True
import harness as h

HEAD = "version: 1\nextends: builtin:pure\n"
BOX = os.path.realpath(h.place())
TELL = """
import json, os, sys
mask = os.umask(0)
try: here = open("here").read()
except OSError as e: here = e.strerror
print(json.dumps({"env": dict(os.environ), "cwd": os.getcwd(), "umask": mask, "exe": sys.executable, "argv": sys.argv, "here": here}))
"""
script = h.put(BOX, "sub/tell.py", TELL)
h.put(BOX, "sub/here", "in sub")
h.put(BOX, "sub/deep/here", "in deep")
h.put(BOX, "other/here", "in other")
os.symlink("sub/deep", os.path.join(BOX, "link"))


h.warmth.COLD += ("the pool holds ",)  # a policy may name another


def run(text, *options, words=(), env=None, cwd=BOX, python=()):
    policy = h.put(BOX, "p.yaml", HEAD + text.replace("BOX", BOX))
    done = h.proctor([*python, *(words or ["sub/tell.py"])], "-p", policy, *options, env=env, cwd=cwd)
    return done, json.loads(done.out) if done.out else {}


def wrong(text, *parts):
    policy = h.put(BOX, "bad.yaml", HEAD + text)
    done = h.finished([h.PROCTOR, "policy", "check", policy], None, None, b"", None, 30, {})
    err = done.err.decode()
    h.check(f"{text.strip()[:50]!r} is an error with its place", done.status == 65 and err.startswith(f"{policy}:3:") and
            err.count("\n") == 1 and all(p in err for p in parts), done)


h.title("env")
caller = h.clean_env(A="a", B="b", SECRET="s")
done, told = run("env: [A, NOT_THERE, {C: \"1 2\", LANG: C.UTF-8, \"D\": \"\"}]\n", env=caller)
got = told["env"]
h.equal("what is named is passed, what has a value is set", [got.get(n) for n in ("A", "C", "D", "LANG")], ["a", "1 2", "", "C.UTF-8"])
h.equal("all else of the caller's is dropped", [n in got for n in ("B", "SECRET", "NOT_THERE")], [False] * 3)
h.check("the log has it in what took effect", "{C: \"1 2\"}" in done.records[0]["policy"]["effective"], done.records[0]["policy"])
done, told = run("env: {C: \"1\", D: \"2\"}\n", "--env", "C=3", env=caller)
h.equal("--env comes before it", (told["env"]["C"], told["env"]["D"]), ("3", "2"))
done, told = run("env: {HOME: /nowhere}\nwrite: \"%{scratch}\"\n", env=caller)
h.check("it comes before what the scratch makes of it", told["env"]["HOME"] == "/nowhere" and "/" in told["env"]["TMPDIR"], told)
done, told = run("env: {HOME: \"%{scratch}/home\", C: \"a:%{scratch}:%{scratch}/b%{scratc\"}\nwrite: \"%{scratch}\"\n", env=caller)
own = told["env"]["TMPDIR"]
h.equal("%{scratch} in a value is where the scratch is", (told["env"]["HOME"], told["env"]["C"]), (own + "/home", f"a:{own}:{own}/b%{{scratc"))
h.check("and is shown as it was written", 'HOME: "%{scratch}/home"' in done.records[0]["policy"]["effective"], done.records[0]["policy"])
done, told = run("env: {HOME: \"%{scratch}\"}\n", "--scratch", env=caller)
h.check("--scratch will do", told["env"]["HOME"] == told["env"]["TMPDIR"], told)
done, told = run("env: {HOME: \"%{scratch}\"}\n", env=caller)
h.check("without one there is no run, and a sentence", done.status == 65 and b"HOME leads to the scratch, and nothing grants one" in done.err, done)
h.put(BOX, "base.yaml", "version: 1\nenv: {C: below, E: below}\n")
policy = h.put(BOX, "layered.yaml", "version: 1\nextends: [builtin:pure, ./base.yaml]\nenv: {C: above}\n")
done = h.proctor(["sub/tell.py"], "-p", policy, cwd=BOX)
got = json.loads(done.out)["env"]
h.equal("of two layers the later one's value holds, of the same name alone", (got["C"], got["E"]), ("above", "below"))
wrong("env: {LD_PRELOAD: /x.so}\n", "loader", "--env")
wrong("env: [LD_AUDIT]\n", "loader")
wrong("env: {\"A=B\": c}\n", "letters")
wrong("env: {\"\": c}\n", "letters")
wrong("env: {A: b, A: c}\n", "twice")
wrong("env: [A, {A: c}]\n", "twice")
wrong("env: {A: [b]}\n", "must be text")
wrong("env: A\n", "mapping")
wrong("env: {A: \"x\\0y\"}\n", "NUL")
wrong("env: {A: \"%s\"}\n" % ("x" * 65536), "too long")

h.title("cwd")
done, told = run("cwd: \"%{submission}\"\n")
h.equal("the submission's directory", (told["cwd"], told["here"]), (BOX + "/sub", "in sub"))
h.equal("a relative name of the script is one of where proctor was", told["argv"], [script])
h.equal("the start record says it", done.records[0]["process"]["working_directory"], BOX + "/sub")
done, told = run("cwd: \"%{submission}/deep\"\n")
h.equal("one beneath it", told["here"], "in deep")
done, told = run("cwd: BOX/link\n")
h.equal("a link is where it leads", (told["cwd"], told["here"]), (BOX + "/sub/deep", "in deep"))
done, told = run("cwd: BOX/other\n")
h.equal("what nothing grants there stays refused", told["here"], "Permission denied")
done, told = run("cwd: BOX/other\n", "--chdir", "sub")
h.equal("--chdir comes before it, and may be relative", told["here"], "in sub")
done, told = run("cwd: \"%{scratch}\"\nwrite: \"%{scratch}\"\n")
h.check("the scratch", done.status == 0 and told["cwd"] == told["env"]["TMPDIR"], told)
done, told = run("cwd: \"%{submission}\"\n", python=[h.PYTHON], words=["-c", "import os; print('\"%s\"' % os.getcwd())"])
h.check("a program of -c has no submission, which is said", done.status == 65 and b"no script is run" in done.err, done)
done, told = run("cwd: BOX/sub\n", python=[h.PYTHON], words=["-c", "import os; print('\"%s\"' % os.getcwd())"])
h.equal("it may be told a path", told, BOX + "/sub")
done, told = run("cwd: BOX/other\n", python=[h.PYTHON], words=["-m", "tell"], cwd=BOX + "/sub")
h.check("a module is not looked for in one directory and run in another", done.status == 64 and b"-m looks" in done.err, done)
for text, said in (("cwd: BOX/gone\n", b"No such file"), ("cwd: BOX/p.yaml\n", b"Not a directory"),
                   ("cwd: \"%{scratch}\"\n", b"nothing grants one")):
    done, told = run(text)
    h.check(f"{text.strip()!r}: no run, and a sentence", done.status == 64 and said in done.err, done)
wrong("cwd: sub\n", "absolute")
wrong("cwd: \"%{submission}x\"\n", "absolute")
wrong("cwd: [/]\n", "must be text")

h.title("umask")
done, told = run("umask: 077\nwrite: BOX/other\n")
h.equal("it is the program's", told["umask"], 0o77)
h.put(BOX, "sub/make.py", f"open('{BOX}/other/new', 'w'); import os; os.mkdir('{BOX}/other/dir')")
done, told = run("umask: \"026\"\nwrite: BOX/other\n", words=["sub/make.py"])
h.equal("files and directories are made with it", [oct(os.stat(f"{BOX}/other/{n}").st_mode & 0o777) for n in ("new", "dir")], ["0o640", "0o751"])
for text in ("umask: 7\n", "umask: 1022\n", "umask: 089\n", "umask: 00022\n"):
    wrong(text, "octal")

h.title("python")
others = [p for _, p in h.interpreters() if os.path.realpath(p) != os.path.realpath(h.PYTHON)]
if others:
    done, told = run(f"python: {others[0]}\n")
    h.equal("it runs scripts", told.get("exe"), others[0])
    done, told = run(f"python: {others[0]}\n", "--python", h.PYTHON)
    h.equal("--python comes before it", told.get("exe"), h.PYTHON)
    shown = h.finished([h.PROCTOR, "policy", "show", os.path.join(BOX, "p.yaml")], None, None, b"", None, 30, {}).out.decode()
    h.check("policy show is of that interpreter", os.path.realpath(others[0]) in shown.splitlines()[0], shown[:200])
else:
    h.skip("an interpreter of the policy's", "there is one interpreter here")
wrong("python: python3\n", "absolute")
done, told = run("python: BOX/none\n")
h.check("one that is not there is a warning of check and the end of a run", done.status == 127, done)

shown = h.finished([h.PROCTOR, "policy", "show", h.put(BOX, "all.yaml", HEAD + f"env: [A, {{B: \"x y\"}}]\ncwd: /\numask: 027\npython: {h.PYTHON}\n")],
                   None, None, b"", None, 30, {}).out.decode()
again = h.put(BOX, "again.yaml", shown)
twice = h.finished([h.PROCTOR, "policy", "show", again], None, None, b"", None, 30, {}).out.decode()
strip = lambda text: [line.split("  #")[0] for line in text.splitlines() if line.split(":")[0] in ("env", "cwd", "umask", "python") or "- A" in line or "{B" in line]
h.check("what is shown can be read again, and says the same", len(strip(shown)) == 6 and strip(shown) == strip(twice), shown, twice)
h.finish()
