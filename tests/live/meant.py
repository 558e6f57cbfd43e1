#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A refusal says the command, host or function that was meant, on each interpreter, where the call itself does not; a
program that forges its library's frames and objects gets its own word told as such, and no more.
"""

import json
import sys
import time

sys.dont_write_bytecode = True
import harness as h

MULTI = "import multiprocessing\ndef work(): pass\nif __name__ == '__main__':\n    {}\n"

# (program, what is meant, the line of policy that would allow it or None, the beginning of a student's sentence)
CASES = [
    ("import subprocess\nsubprocess.run(['git', 'log', '--oneline'])\n",
     {"command": ["git", "log", "--oneline"]}, "process: fork", "Starting the program git"),
    ("import subprocess\nsubprocess.Popen(['/usr/bin/git', 'a b', '*'])\n",
     {"command": ["/usr/bin/git", "a b", "*"]}, 'exec: {path: "/usr/bin/git", argv: ["a b", "%*"]}', "Starting the program git"),
    ("import subprocess\nsubprocess.check_output('cat data | wc', shell=True)\n",
     {"command": ["/bin/sh", "-c", "cat data | wc"]}, 'exec: {path: "/bin/sh", argv: ["-c", "cat data | wc"]}',
     "Starting a shell for cat"),
    ("import subprocess\nsubprocess.run(('cow', 'x'), executable='/bin/echo')\n",
     {"program": "/bin/echo", "command": ["cow", "x"]}, 'exec: "/bin/echo"', "Starting the program echo"),
    ("import subprocess, pathlib\nsubprocess.run([pathlib.Path('/usr/bin/git'), 'log'])\n",
     ({"command": ["/usr/bin/git"], "cut": True}, {"command": ["/usr/bin/git", "log"]}), None, "Starting the program git"),
    ("import os\nif os.system('git log > out.txt'): raise OSError(13, 'no')\n",
     {"program": "/bin/sh", "command": ["sh", "-c", "git log > out.txt"]},
     'exec: {path: "/bin/sh", argv: ["-c", "git log > out.txt"]}', "Starting a shell for git"),
    ("import os\nos.posix_spawn('/usr/bin/git', ['git', '1' * 300], {})\n",
     {"program": "/usr/bin/git", "command": ["git", "1" * 256], "cut": True}, 'exec: "/usr/bin/git"', "Starting the program git"),
    ("import os\nos.spawnlp(os.P_WAIT, 'git', 'git', 'log')\n",
     {"command": ["git", "log"]}, "process: fork", "Starting the program git"),
    ("import asyncio\nasync def main(): await asyncio.create_subprocess_exec('/bin/ls', '-l')\nasyncio.run(main())\n",
     {"command": ["/bin/ls", "-l"]}, 'exec: {path: "/bin/ls", argv: ["-l"]}', "Starting the program ls"),
    (MULTI.format("multiprocessing.get_context('fork').Process(target=work).start()"), {"target": "work"}, "process: fork",
     "Starting a process for work()"),
    ("import socket\nsocket.getaddrinfo('example.org', 443)\n", {"host": "example.org", "port": "443"}, None,
     "There is no network here to reach example.org"),
    ("import socket\nsocket.create_connection(('192.0.2.1', 8080))\n", {"host": "192.0.2.1", "port": "8080"},
     'net: {connect: ["192.0.2.1:8080"]}', "Reaching 192.0.2.1 over the network"),
    ("import urllib.request\nurllib.request.urlopen('http://[2001:db8::1]:81/')\n", {"host": "2001:db8::1", "port": "81"},
     'net: {connect: ["[2001:db8::1]:81"]}', "There is no network here to reach 2001:db8::1"),
]

# Frames of the library's names and files around the very calls, with what no library would have there.
FORGED = """import ctypes, os, socket, subprocess, sys
names = subprocess.__file__, socket.__file__
def call(value, file, function, names, body):
    code = compile(f"def {function}({names}):\\n {body}\\n", file, "exec")
    space = {"os": os, "socket": socket}
    exec(code, space)
    try: space[function](value, value)
    except OSError: pass
class Text(str): pass
class Odd(list):
    def __iter__(self): raise SystemExit(3)
def forged(size, text="x" * 50):
    ctypes.c_uint64.from_address(id(text) + 16).value = size
    return text
def looped():
    items = []
    items.append(items)
    return items
bad = ["\\x1b[31m/etc/passwd\\n", "..", "../../etc/passwd", "a/../..", "\\u202e", "\\ud800", "\\0", "", None, 7, 1 << 200, b"\\xff" * 9000,
       "y" * 100000, ["/etc/passwd\\n✗ #1"] * 5000, [b"\\xff\\x1b"] * 300, Text("/etc/x"), Odd(["/etc"]), looped(), {}, [None],
       forged(1 << 62), [forged(1 << 40, "z" * 60)]]
for value in bad:
    call(value, names[0], "_execute_child", "args, executable", "os.fork()")
    call(value, names[1], "getaddrinfo", "host, port", "socket.socket()")
os._exit(1)
"""

# The same names in files of the program's own: nobody's word.
OWN = """import os
def _execute_child(args):
    try: os.fork()
    except OSError: pass
def getaddrinfo(host, port):
    import socket
    try: socket.socket()
    except OSError: pass
_execute_child(["git"])
getaddrinfo("example.org", 1)
raise SystemExit(1)
"""


def refused(run):
    return [c for c in run.calls() if c["decision"].get("violation")]


def main():
    pythons = dict(h.interpreters())
    for version, python in pythons.items():
        for program, meant, line, sentence in CASES:
            run = h.proctor([h.put(h.place(), "solve.py", program)], "--python", python)
            got = [c.get("meant") for c in refused(run)]
            h.check(f"{version}: {sentence}", any(m == meant or (isinstance(meant, tuple) and m in meant) for m in got), got, run.err)
            staff = json.loads(h.explained(run.log_path, "--json"))
            lines = [r["fix"].get("policy") for r in staff["refusals"]]
            h.check(f"  and {line}", line is None or line in lines, lines)
            student = h.explained(run.log_path, "--audience", "student")
            h.check("  told the student", sentence in student, student)
            told = "\n".join(line for line in student.splitlines() if " | " not in line) # not the program's own line
            h.check("  no path of the system's", "/bin" not in told and "/usr" not in told, told)
            h.check("  all of it to staff", " (by the program's own word)" in h.explained(run.log_path).replace("\n", " ")
                    .replace("    (", " ("), h.explained(run.log_path))
    newest = list(pythons.items())[-1]
    for version, python in {"": h.PYTHON, newest[0]: newest[1]}.items():
        begin = time.monotonic()
        run = h.proctor([h.put(h.place(), "solve.py", FORGED)], "--python", python)
        h.check("what is forged is read in time", time.monotonic() - begin < 60, time.monotonic() - begin)
        h.check("  to the end", run.status == 1, run.status, run.err)
        lines = open(run.log_path, "rb").read().split(b"\n")[:-1]
        h.check("  into records that a reader takes", all(json.loads(line) for line in lines) and max(map(len, lines)) < 65536)
        h.check("  of bounded words", all(len(json.dumps(c.get("meant", {}), ensure_ascii=False)) < 4096 for c in run.calls()))
        student = h.explained(run.log_path, "--audience", "student", "--all") + open(run.verdict_path).read().partition('"student"')[2].partition('"staff"')[0]
        h.check("  and a student reads no path of it", "etc" not in student and "\x1b" not in student and ".." not in student, student)
        h.check("  nor staff an escape", "\x1b" not in h.explained(run.log_path, "--all"))
    run = h.proctor([h.put(h.place(), "solve.py", OWN)])
    h.check("functions of the program's are not the library's", refused(run) and not any("meant" in c for c in run.calls()), run.calls())
    h.finish()


main()
