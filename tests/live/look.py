#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Looking is not reading: a question about what nothing grants is answered as if nothing were there, recorded as hidden, and
no violation; programs go on from it as on a machine that has no such file. To open, enter or list it is an attempt. Neither
tells whether something is there: not by a result, an errno, a count or a record."""

import json
import os
import subprocess
import sys

sys.dont_write_bytecode = True
import harness as h

# Each prints what it was told. {out} is granted by nothing; {box} is.
LOOKS = {
    "stat": "os.stat({out!r} + '/there')",
    "lstat": "os.lstat({out!r} + '/there')",
    "stat by a descriptor": "os.stat('there', dir_fd=os.open({box!r}, 0))",  # by fd: {box}/there, a link out
    "access": "os.access({out!r} + '/there', os.R_OK)",
    "access for writing": "os.access({out!r} + '/there', os.W_OK)",
    "readlink": "os.readlink({out!r} + '/link')",
    "statvfs": "os.statvfs({out!r})",
    "getxattr": "os.getxattr({out!r} + '/there', 'user.x')",
    "listxattr": "os.listxattr({out!r} + '/there')",
    "statx": "statx({out!r} + '/there')",
    "a directory": "os.stat({out!r} + '/dir')",
    "a trailing slash": "os.stat({out!r} + '/dir/')",
    "beneath a file": "os.stat({out!r} + '/there/x')",
    "a link that leads out": "os.stat({box!r} + '/escape')",
    "a way by ..": "os.stat({box!r} + '/../' + {out!r}.rsplit('/')[-1] + '/there')",
    "a relative way": "os.stat('../' + {out!r}.rsplit('/')[-1] + '/there')",
    "exists": "os.path.exists({out!r} + '/there')",
    "is_file": "pathlib.Path({out!r}, 'there').is_file()",
    "a search upwards": "[str(d) for d in pathlib.Path({out!r}, 'dir', 'deep').parents if (d / 'there').exists()]",
    "which": "shutil.which('there', path={out!r})",
    "another process": "os.stat('/proc/1/status')",
    "a device": "os.stat('/dev/sda')",
}
ATTEMPTS = {
    "open": "open({out!r} + '/there')",
    "open for a look": "os.open({out!r} + '/there', os.O_PATH)",
    "list": "os.listdir({out!r})",
    "enter": "os.chdir({out!r})",
    "write": "open({out!r} + '/there', 'w')",
    "make": "os.mkdir({out!r} + '/there')",
    "run": "os.execv({out!r} + '/there', ['x'])",
}
# Answered by the arguments alone, as the kernel does.
KERNELS = {"an empty path": "os.stat('')", "a long path": "os.stat({out!r} + '/' + 'n' * 5000)", "a bad descriptor": "os.stat('x', dir_fd=99)"}
HEAD = """\
import ctypes, errno, json, os, pathlib, shutil, sys
libc = ctypes.CDLL(None, use_errno=True)
def statx(path):
    if libc.statx(-100, path.encode(), 0, 0xfff, ctypes.create_string_buffer(256)) < 0:
        raise OSError(ctypes.get_errno(), 'statx')
told = {}
def tell(name, ask):
    try:
        answer = ask()
        told[name] = answer if answer is None or isinstance(answer, (bool, list, str)) else 'found'
    except OSError as error:
        told[name] = errno.errorcode[error.errno]
"""


def program(questions, names):
    lines = [f"tell({name!r}, lambda: {code.format(**names)})" for name, code in questions.items()]
    return HEAD + "\n".join(lines) + "\nprint(json.dumps(told))\n"


def answers(run):
    try:
        return json.loads(run.out)
    except ValueError:
        return {}


def bare_records(run):
    """The records without what differs from run to run."""
    told = []
    for r in run.records:
        if r["kind"] == "call" and r["decision"]["action"] != "allow":
            told.append((r["event"]["action"], [a for a in r["syscall"]["args"] if not a.startswith("0x")], r.get("file"),
                         r["syscall"].get("errno"), r["decision"], r.get("rule"), r.get("code")))
    return told


def populate(box, out):
    h.put(out, "there", "secret\n")
    os.makedirs(out + "/dir/deep")
    os.symlink("there", out + "/link")
    os.symlink(out + "/there", box + "/escape")
    os.symlink(out + "/there", box + "/there")


def compare(box, out):
    names = {"box": box, "out": out}
    script = h.put(h.place(), "ask.py", program({**LOOKS, **ATTEMPTS, **KERNELS}, names))
    native = answers(h.native([h.PYTHON, h.put(h.place(), "native.py", program({**LOOKS, **KERNELS}, names))], cwd=box))
    h.check("natively the looks find something", native["stat"] == "found" and native["exists"] is True and native["a search upwards"], native)
    run = h.proctor([script], "-r", box, cwd=box)
    got = answers(run)
    absent = {"access": False, "access for writing": False, "exists": False, "is_file": False, "a search upwards": [], "which": None}
    for name in LOOKS:
        h.equal(f"{name}: as if nothing were there", got.get(name), absent.get(name, "ENOENT"))
    for name in ATTEMPTS:
        h.equal(f"{name}: refused", got.get(name), "EACCES")
    for name in KERNELS:
        h.equal(f"{name}: as natively", got.get(name), native[name])
    refusals = run.verdict["refusals"]
    h.equal("only the attempts are violations", run.verdict["violations"], len(ATTEMPTS))
    h.equal("which the counts by subject add up to", sum(refusals.values()) - refusals["look"], len(ATTEMPTS))
    h.check("the looks are counted apart", refusals["look"] >= len(LOOKS), refusals)
    hidden = [r for r in run.calls(decision="hide") if r["rule"]["id"] in ("on_deny", "never")]
    h.equal("and each is in the log", len(hidden), refusals["look"])
    h.check("with its line, and how the path was resolved",
            all(r["code"]["file.path"] == script and r["file"]["resolution"] for r in hidden), hidden[:1])
    full = bare_records(run)
    for entry in os.listdir(out):
        path = os.path.join(out, entry)
        (subprocess.run(["rm", "-r", path], check=True) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path))
    again = h.proctor([script], "-r", box, cwd=box)
    h.equal("where nothing is there the answers are the same", answers(again), got)
    h.equal("and the counts", (again.verdict["violations"], again.verdict["refusals"]), (run.verdict["violations"], refusals))
    h.equal("and the records", bare_records(again), full)
    return script, run


def test_passages(box):
    text = (
        "import os, stat\nat = {box!r}\nseen = []\nwhile at != '/':\n    at = os.path.dirname(at)\n"
        "    seen.append((stat.S_ISDIR(os.lstat(at).st_mode), os.path.isdir(at)))\n"
        "print(all(a and b for a, b in seen), os.path.realpath({box!r} + '/sub/..') == {box!r}, os.getcwd() == {box!r})\n"
    )
    run = h.proctor([h.put(h.place(), "up.py", text.format(box=box))], "-r", box, cwd=box)
    h.equal("what leads to a grant is there, and a directory", run.out, b"True True True\n")
    h.equal("and no look", (run.verdict["violations"], run.verdict["refusals"]["look"]), (0, 0))


def test_policies(box, out):
    policy = "version: 1\nextends: builtin:pure\n{more}read: [{box}]\nnever: [{out}/secret]\n"
    text = f"import os\nprint(os.path.exists({out!r} + '/x'))\ntry: os.stat({out!r} + '/secret')\nexcept OSError as e: print(e.errno)\n"
    script = h.put(h.place(), "ask.py", text)
    at = h.put(h.place(), "p.yaml", policy.format(more="", box=box, out=out))
    run = h.proctor([script], "-p", at)
    h.equal("what `never` names is refused to a look as well", (run.out, run.verdict["violations"]), (b"False\n13\n", 1))
    h.equal("which is counted as an attempt", run.verdict["refusals"]["read"], 1)
    test = h.native([h.PROCTOR, "policy", "test", at, run.log_path])
    h.check("policy test with the same policy changes nothing", test.status == 0 and test.out.startswith(b"0 of "), test)
    why = h.native([h.PROCTOR, "why", at, "stat", out + "/x", "read", out + "/x", "stat", out + "/secret"])
    h.check("why says the same", why.status == 1 and b"hide     stat " in why.out and b"ENOENT" in why.out
            and b"looks absent" in why.out and b"deny     read " in why.out and b"deny     stat " in why.out, why)
    asked = h.native([h.PROCTOR, "policy", "test", at, "--stat", out + "/x"])
    h.check("and policy test of the path, which is no refusal", asked.status == 0 and asked.out.startswith(b"hide   stat "), asked)
    kill = h.put(h.place(), "kill.yaml", policy.format(more="on_deny: kill\n", box=box, out=out + "/no"))
    run = h.proctor([h.put(h.place(), "look.py", f"import os\nprint(os.path.exists({out!r}))\nopen({out!r})\n")], "-p", kill)
    h.check("on_deny: kill ends no program for a look, but for an attempt",
            run.verdict["refusals"]["look"] == 1 and run.verdict["status"] == "PV" and run.verdict["violations"] == 1, run)
    h.put(out, "x", "data\n")
    run = h.proctor([script], "--mode", "audit", "-r", box)
    would = run.calls("newfstatat", out + "/x") + run.calls("stat", out + "/x")
    h.check("audit mode lets the look through, and records what it would be",
            run.out.startswith(b"True\n") and would and would[0]["decision"]["action"] == "hide" and not would[0]["decision"]["enforced"], run, would)
    learned = h.native([h.PROCTOR, "learn", run.log_path])
    h.check("learn grants what was looked at and there", out.encode() + b"/x" in learned.out, learned)
    run = h.proctor([script], "-r", box)
    learned = h.native([h.PROCTOR, "learn", run.log_path])
    h.check("of what looked absent it makes no rule, for it needs none", learned.status == 0 and out.encode() not in learned.out, learned)


def test_told(out):
    script = h.put(h.place(), "solve.py", f"import os\ndef size(name):\n    return os.path.getsize(name)\nsize({out!r} + '/x')\n")
    run = h.proctor([script])
    cause = run.verdict["cause"]
    record = run.calls(path=out + "/x")[-1]
    h.check("what ends a program by such a look is known", cause["kind"] == "refusal" and cause["certain"]
            and cause["seq"] == record["event"]["sequence"], cause)
    staff, student = run.verdict["messages"]["staff"], run.verdict["messages"]["student"]
    h.check("staff are told that nothing grants it", "looks absent" in staff and out + "/x" in staff and "builtin:pure" in staff, staff)
    h.check("the student that it is not there for the program",
            student.startswith("For this program that file is not there (solve.py:3") and out not in student and "came with the program" in student, student)
    text = h.explained(run.log_path)
    h.check("explain says the same, and the one line", "HIDDEN" in text and "it looks absent, whether it is there or not" in text
            and f"-r {out}/x" in text and "FileNotFoundError" in text, text)
    fixed = h.proctor([script], "-r", out + "/x")
    h.check("which helps", fixed.status == 0, fixed)
    missing = f"import os\nif not os.path.exists({out!r} + '/x'):\n    raise FileNotFoundError('no data at ' + {out!r} + '/x')\n"
    run = h.proctor([h.put(h.place(), "solve.py", missing)])
    cause = run.verdict["cause"]
    h.check("an error of the program's own about what it looked for is perhaps from that look", cause["kind"] == "refusal"
            and not cause["certain"] and cause["seq"] == run.calls(path=out + "/x")[-1]["event"]["sequence"], cause)
    text = h.explained(run.log_path)
    h.check("which explain shows beside it", "no data at" in text and f"-r {out}/x" in text, text)
    run = h.proctor([h.put(h.place(), "solve.py", f"import os, sys\nsys.exit(0 if os.path.exists({out!r} + '/x') else 'no data')\n")])
    cause = run.verdict["cause"]
    h.check("an exit after a look has no cause that is known", cause["kind"] == "exit" and not cause["certain"], cause)
    h.check("but explain shows the look", f"{out}/x" in h.explained(run.log_path), h.explained(run.log_path))


# (what, program, what it may be refused beside, the module that it needs)
LIBRARIES = [
    ("uuid1", "import uuid; uuid.uuid1()", 0, "uuid"),
    ("a browser that is looked for", "import webbrowser\ntry: webbrowser.get()\nexcept webbrowser.Error: pass", 0, "webbrowser"),
    ("the IPv6 probe of requests", "import requests", 0, "requests"),
    ("the same by itself", "import socket\ntry: socket.socket(socket.AF_INET6)\nexcept OSError: pass", 0, "socket"),
    ("nscd, asked for a name: the file is one attempt", "import pwd\ntry: pwd.getpwuid(12345)\nexcept KeyError: pass", 1, "pwd"),
    # The library starts ldconfig, gcc, uname, or reads /etc/passwd, to answer; it does without.
    ("find_library", "import ctypes.util; ctypes.util.find_library('nosuch')", 0, "ctypes"),
    ("platform", "import platform; platform.platform()", 0, "platform"),
    ("getuser", "import getpass, os\nfor n in 'USER LOGNAME LNAME USERNAME'.split(): os.environ.pop(n, None)\n"
     "try: getpass.getuser()\nexcept (KeyError, OSError): pass", 0, "getpass"),
    ("a home", "import os\nos.environ.pop('HOME', None)\nos.path.expanduser('~')", 0, "os"),
    # CPython looks for the line in a file of that name, where the program runs.
    ("the line of a syntax error", "try: exec('x = (\\n')\nexcept SyntaxError: pass", 0, "os"),
    ("a file of such a name elsewhere", "try: open('/etc/<string>')\nexcept OSError: pass", 1, "os"),
    ("a file of such a name to write", "try: open('<string>', 'w')\nexcept OSError: pass", 1, "os"),
    # Starting or reading them oneself is an attempt, also by way of the library.
    ("a program", "import subprocess\ntry: subprocess.run(['uname'])\nexcept OSError: pass", "process", "subprocess"),
    ("a browser that is started", "import webbrowser\nwebbrowser.BackgroundBrowser('true').open('x')", "process", "webbrowser"),
    ("this host's name", "import socket\nsocket.getfqdn('127.0.0.1')", 0, "socket"),
    ("the files that tell it", "try: open('/etc/hosts')\nexcept OSError: pass", 1, "os"),
    ("the users", "try: open('/etc/passwd')\nexcept OSError: pass", 1, "os"),
]
# Installed libraries, of which each does here what it does when it is imported or first used: (what, file, function,
# its text, options).
INSTALLED = [
    ("uvloop", "uvloop/__init__.py", "new_event_loop", """
    import ctypes
    ctypes.CDLL(None).syscall(425, 8, None)
    try: open('/proc/version_signature')
    except OSError: pass""", []),
    ("urllib3", "urllib3/util/connection.py", "_has_ipv6", """
    import socket
    try: socket.socket(socket.AF_INET6).bind(('::1', 0))
    except OSError: pass""", ["--connect", "127.0.0.1:1", "--connect", "[::1]:1"]),
    ("matplotlib", "matplotlib/font_manager.py", "_get_fontconfig_fonts", """
    import subprocess
    try: subprocess.check_output(['fc-list'])
    except OSError: pass""", []),
    ("polars", "polars/lazyframe/frame.py", "collect", """
    for name in 'maps', 'cgroup':
        try: open('/proc/self/' + name)
        except OSError: pass""", []),
]
NATIVE_THREAD = """
import ctypes
libc = ctypes.CDLL(None)
thread = ctypes.c_ulong()
libc.pthread_create(ctypes.byref(thread), None, libc.opendir, b'/proc/self/%s')
libc.pthread_join(thread, None)
"""
# As the library would ask, so says the program: but for what the library asks it is an attempt all the same, and what
# can be said to be a question is refused and recorded.
FORGED = """\
import os
def forged(source, file):
    code = compile("def %s():\\n try: %s\\n except OSError: pass" % (source[0], source[1]), file, "exec")
    space = {"os": os, "open": open, "fork": __import__("_posixsubprocess")}
    exec(code, space)
    space[source[0]]()
library = os.path.dirname(os.__file__)
forged(("getuser", "open('/etc/shadow')"), library + "/getpass.py")
forged(("getuser", "open('/etc/passwd', 'r+')"), library + "/getpass.py")
forged(("getuser", "os.fork()"), library + "/getpass.py")
forged(("platform", "os.kill(1, 9)"), library + "/platform.py")
forged(("platform", "open('/etc/passwd')"), library + "/platform.py")
forged(("platform", "os.fork()"), "/tmp/platform.py")
forged(("platform", "os.fork()"), library + "/platform.py")
os.stat(library)  # what comes after a question is none
"""


def test_libraries():
    for what, text, refused, module in LIBRARIES:
        pythons = [p for p in [h.PYTHON] + [p for _, p in h.interpreters()] if h.native([p, "-c", f"import {module}"]).status == 0]
        if not pythons:
            h.skip(what, f"no interpreter here has {module}")
            continue
        run = h.proctor([h.put(h.place(), "ask.py", text + "\n")], "--python", pythons[0])
        refusals = run.verdict["refusals"]
        wanted = run.verdict["violations"] == (refusals["process"] or -1 if refused == "process" else refused)
        h.check(f"{what}: nothing that counts" if refused == 0 else f"{what}: {refused} alone counts", run.status == 0 and wanted, run)
    box = h.place()
    made = h.native([h.PYTHON, "-m", "venv", "--without-pip", "--symlinks", box + "/venv"])
    if made.status:
        h.skip("what installed libraries ask", "no venv can be made: " + h.short(made.err.decode()))
    for name, file, function, text, options in [] if made.status else INSTALLED:
        module = file[:-3].replace("/__init__", "").replace("/", ".")
        directory = f"venv/lib/python{'.'.join(map(str, h.sys_version(h.PYTHON)[:2]))}/site-packages/"
        for i in range(1, module.count(".") + 1):
            h.put(box, directory + "/".join(module.split(".")[:i]) + "/__init__.py", "")
        h.put(box, directory + file, f"def {function}():{text}\n")
        call = h.put(box, "sub/ask.py", f"import {module}\n{module}.{function}()\n")
        run = h.proctor([box + "/venv/bin/python", call], *options)
        h.check(f"{name}: nothing that counts", run.status == 0 and run.verdict["violations"] == 0
                and [r for r in run.calls() if r["decision"].get("question")], run)
        run = h.proctor([box + "/venv/bin/python", h.put(box, "sub/own.py", f"def {function}():{text}\n{function}()\n")], *options)
        h.check(f"{name}: what the program does itself counts", run.verdict["violations"] > 0, run)
    for name, counted in ("cgroup", 0), ("maps", 1):
        run = h.proctor([h.put(h.place(), "thread.py", NATIVE_THREAD % name)])
        h.check(f"/proc/self/{name} by a thread of native code: {counted} counts", run.status == 0 and run.verdict["violations"] == counted, run)
    run = h.proctor([h.put(h.place(), "forged.py", FORGED)])
    counted = [r for r in run.calls() if r["decision"].get("violation")]
    asked = [r for r in run.calls() if r["decision"].get("question")]
    h.equal("a forged question is none, but for a process", (len(counted), len(asked), run.verdict["violations"]), (6, 1, 6))
    h.check("and that is refused, recorded and told", asked and asked[0]["decision"]["action"] == "deny" and asked[0]["stack"]["python"]
            and run.verdict["refusals"]["look"] >= 1 and "asks it for itself" in h.explained(run.log_path, "--all"), asked)
    for python in [h.PYTHON] + [p for _, p in h.interpreters()]:
        box, out = h.place(), h.place()
        one = h.put(out, "one", "")
        policy = h.put(out, "policy.yaml", f"version: 1\nextends: builtin:python\nread: [{box}/imports.py, {one}]\n")
        text = "import os, sys, json\nsys.path[0] = sys.argv[1]\ntry: import nowhere_x\nexcept ImportError: pass\n"
        script = h.put(box, "imports.py", text)
        run = h.proctor([script, box], "--python", python, "-p", policy)
        h.check("the import system may ask for the script's directory", run.status == 0 and run.verdict["violations"] == 0
                and run.calls("openat", box, "deny"), python, run)
        run = h.proctor([script, out], "--python", python, "-p", policy)
        h.equal("but not for another one that it is told of", run.verdict["violations"], 1)
        h.put(box, "imports.py", f"import os\ntry: os.listdir({box!r})\nexcept OSError: pass\n")
        run = h.proctor([script], "--python", python, "-p", policy)
        h.equal("nor may the program", len(run.refused()), 1)
    # joblib's helper is an interpreter with -c: it lists where it was started, which is on the way to the script.
    elsewhere = h.place()
    text = "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', 'import nowhere_x'], stderr=-3).returncode)\n"
    run = h.proctor([h.put(elsewhere, "sub/start.py", text)], "--python", h.PYTHON, "--process", "fork", cwd=elsewhere)
    h.check("where an interpreter was started it may look for modules", (run.out, run.verdict["violations"]) == (b"1\n", 0)
            and run.calls("openat", elsewhere, "deny"), run)
    run = h.proctor([h.put(elsewhere, "sub/own.py", f"import os\ntry: os.listdir({elsewhere!r})\nexcept OSError: pass\n")], "--python", h.PYTHON, cwd=elsewhere)
    h.equal("to list where it was started is one", run.verdict["violations"], 1)
    run = h.proctor([h.put(h.place(), "forged.py", FORGED)], "--stack", "none")
    h.equal("without a stack nothing is a question", run.verdict["violations"], 7)


def main():
    box, out = h.place(), h.place()
    populate(box, out)
    compare(box, out)
    test_passages(box)
    test_policies(box, out)
    test_told(out)
    test_libraries()
    h.finish()


main()
