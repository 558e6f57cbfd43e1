#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A learned policy runs the program again: the same output, no refusal, and nothing that was not seen.

LEARN_PROGRAMS says how many of the programs below are tried (default: all), LEARN_CORPUS how many of those of
identical.py besides (default 3; all of them are 26)."""
import json
import os
import socket
import zipfile

import harness as h
from identical_programs import PROGRAMS as CORPUS
from harness import PROCTOR, PYTHON, check, clean_env, equal, finish, place, put, title

BASE = place()
PROGRAMS = {
    "data beside it": "print(open(os.path.join(HERE, 'data.txt')).read())",
    "data elsewhere": "print(open(OUT + '/plain').read())",
    "through a link": "print(open(OUT + '/link/in-it').read()); print(os.readlink(OUT + '/link'))",
    "through ..": "print(open(OUT + '/directory/../plain').read())",
    "a listing": "print(sorted(os.listdir(OUT + '/directory')))",
    "what is not there": "print(os.path.exists(OUT + '/absent'), os.path.isdir(OUT + '/directory'))",
    "a walk": "print(sorted(n for _, _, names in os.walk(OUT + '/directory') for n in names))",
    "a module of its own": "import helper; print(helper.answer())",
    "a package of its own": "import pkg.part; print(pkg.part.VALUE)",
    "json, csv, sqlite3": "import csv, json\ntry:\n    import sqlite3; print(sqlite3.connect(':memory:').execute('select 1').fetchall())\n"
                          "except ImportError: print('none')\nprint(json.dumps(list(csv.reader(['a,b']))))",
    "locale and zones": "import locale, time; print(locale.setlocale(locale.LC_ALL, ''), time.tzname)\ntry:\n    import zoneinfo\n"
                        "    print(zoneinfo.ZoneInfo('Europe/Berlin'))\nexcept Exception as e: print(type(e).__name__)",
    "glob and pathlib": "import glob, pathlib; print(sorted(glob.glob(OUT + '/many/*')), pathlib.Path(OUT, 'plain').read_text())",
    "random names": "import random\nfor i in range(40):\n    n = ''.join(random.choices('abcdefghijklmnopqrstuvwxyz0123456789_', k=8))\n"
                    "    assert not os.path.exists(OUT + '/tmp' + n)",
    "threads": "import threading\nts = [threading.Thread(target=lambda: open(OUT + '/plain').read()) for _ in range(8)]\n"
               "[t.start() for t in ts]; [t.join() for t in ts]; print('done')",
    "a name with everything": "print(open(OUT + '/we%ird*na?me \"quoted\" \\u202e#: -').read())",
    "many files": "print([open(OUT + '/many/%d' % i).read() for i in range(9)])",
    "stdin": "print(sys.stdin.read())",
    "an exception": "open(OUT + '/absent')",
    "an exit status": "sys.exit(7)",
    "asyncio": "import asyncio\nasync def f(): return 3\nprint(asyncio.new_event_loop().run_until_complete(f()))",
    "realpath and stat": "print(os.path.realpath(OUT + '/link/in-it'), os.stat(OUT + '/plain').st_size)",
    "access": "print(os.access(OUT + '/plain', os.R_OK), os.access(OUT + '/absent', os.R_OK))",
    "chdir": "os.chdir(OUT + '/directory'); print(open('in-it').read(), os.getcwd())",
    "hashlib, decimal, re": "import decimal, hashlib, re; print(hashlib.sha256(b'x').hexdigest(), decimal.Decimal(2).sqrt(), re.findall('a+', 'aab'))",
}


def outside():
    out = os.path.join(BASE, "outside")
    put(out, "plain", "plain\n")
    put(out, "secret", "secret\n")
    put(out, "real/in-it", "linked\n")
    put(out, "directory/in-it", "in it\n")
    put(out, "directory/deep/er", "deeper\n")
    put(out, 'we%ird*na?me "quoted" \u202e#: -', "weird\n")
    for i in range(12):
        put(out, "many/%d" % i, str(i))
    os.symlink("real", os.path.join(out, "link"))
    return out


OUT = outside()


def program(name, body):
    directory = os.path.join(BASE, "s-" + "".join(c for c in name if c.isalnum()))
    put(directory, "data.txt", "data\n")
    put(directory, "helper.py", "def answer(): return 42\n")
    put(directory, "pkg/__init__.py", "")
    put(directory, "pkg/part.py", "VALUE = 'part'\n")
    return put(directory, "solve.py", f"import os, sys\nHERE = os.path.dirname(os.path.abspath(__file__))\nOUT = {OUT!r}\n{body}\n")


def tell(*words, **more):
    env = clean_env(**({"TMPDIR": os.environ["TMPDIR"]} if "TMPDIR" in os.environ else {}))
    return h.finished([PROCTOR, *words], None, None, more.pop("stdin", b""), env, 60, more)


def learn(log, *options):
    policy = os.path.join(place(), "learned.yaml")
    logs = log if isinstance(log, list) else [log]
    got = tell("learn", "-o", policy, *options, *logs)
    text = open(policy).read() if os.path.exists(policy) else ""
    return got, policy, text


def corpus():
    """As people submit them: what they are learned to need is enough, and two runs of it have no difference."""
    wanted = int(os.environ.get("LEARN_CORPUS", "3"))
    for name, body in list(CORPUS.items())[:: max(1, len(CORPUS) // max(1, wanted))][:wanted]:
        script = put(place(), "solve.py", body)
        native = h.native([PYTHON, script], stdin=b"3\n1 2 3\n")
        seen = h.proctor([PYTHON, script], "-q", "--mode", "audit", "-p", "python", stdin=b"3\n1 2 3\n")
        got, policy, text = learn(seen.log_path)
        # What libffi asks of SELinux in /proc no policy can grant; a run is told that it is not there, and goes on.
        left = [line for line in got.err.decode().splitlines() if line.startswith("not as before: ") and " /proc/" not in line]
        once, twice = (h.proctor([PYTHON, script], "-q", "-p", policy, stdin=b"3\n1 2 3\n") for _ in range(2))
        check(f"{name}: the learned policy runs it as it runs without proctor, and nothing is refused",
              not left and (once.status, once.out) == (native.status if native.status >= 0 else 128 - native.status, native.out) and
              not once.refused(), native, once, got, text,
              [(r["event"]["action"], r.get("file")) for r in once.refused()])
        same = tell("diff", once.log_path, twice.log_path)
        check(f"{name}: two runs have no difference", same.status == 0 and not same.out, same)


def each_program():
    wanted = int(os.environ.get("LEARN_PROGRAMS", len(PROGRAMS)))
    for name, body in list(PROGRAMS.items())[:wanted]:
        script = program(name, body)
        seen = h.proctor([PYTHON, script], "-q", "--mode", "audit", "-p", "python", stdin=b"some input\n")
        got, policy, text = learn(seen.log_path)
        if name == "through ..":
            # What lies behind a directory that nothing granted is seen under the first policy.
            more = h.proctor([PYTHON, script], "-q", "--mode", "audit", "-p", policy, stdin=b"some input\n")
            got, policy, text = learn([seen.log_path, more.log_path])
        check(f"{name}: a policy is learned, and proved", got.status == 0 and b" go as before" in got.err, got, text)
        checked = tell("policy", "check", policy)
        check(f"{name}: it is accepted", checked.status == 0, checked, text)
        again = h.proctor([PYTHON, script], "-q", "-p", policy, stdin=b"some input\n")
        check(f"{name}: under it the program does the same, without a refusal",
              (again.status, again.out, again.err) == (seen.status, seen.out, seen.err) and not again.refused(),
              seen, again, [r.get("file") for r in again.refused()], text)
        check(f"{name}: the secret beside it is not granted",
              tell("why", policy, "--python", PYTHON, "--script", script, "read", OUT + "/secret").status == 1, text)
        twice = h.proctor([PYTHON, script], "-q", "-p", policy, stdin=b"some input\n")
        same = tell("diff", again.log_path, twice.log_path)
        check(f"{name}: two runs have no difference", same.status == 0 and not same.out, same)


def command_lines():
    """Each way to start a program: what is granted for the way itself is no part of what is learned."""
    script = program("forms", "print(open(OUT + '/plain').read())")
    directory = os.path.dirname(script)
    put(directory, "mod.py", f"print(open({OUT + '/plain'!r}).read())\n")
    put(directory, "tool/__main__.py", f"print(open({OUT + '/plain'!r}).read())\n")
    os.symlink("solve.py", os.path.join(directory, "link.py"))
    with zipfile.ZipFile(os.path.join(directory, "z.pyz"), "w") as packed:
        packed.write(os.path.join(directory, "mod.py"), "__main__.py")
    text = open(os.path.join(directory, "mod.py"), "rb").read()
    forms = [([PYTHON, *words], stdin) for words, stdin in (
        (["solve.py"], b""), (["link.py"], b""), (["-m", "mod"], b""), (["-c", text.decode()], b""), (["-"], text), ([], text), (["tool"], b""),
        (["z.pyz"], b""))]
    forms += [([python, script], b"") for _, python in h.interpreters() if python != PYTHON]
    for words, stdin in forms:
        seen = h.proctor(words, "-q", "--mode", "audit", "-p", "python", stdin=stdin, cwd=directory)
        got, policy, text = learn(seen.log_path)
        again = h.proctor(words, "-q", "-p", policy, stdin=stdin, cwd=directory)
        check("again the same, without a refusal: " + ascii(" ".join(words[1:] or ["stdin"]))[:60],
              got.status == 0 and (again.status, again.out, again.err) == (0, b"plain\n\n", b"") and not again.refused(), seen, got, again, text)


def audit(name, body, *options):
    return h.proctor([PYTHON, program(name, body)], "-q", "--mode", "audit", "-p", "python", *options)


def trees():
    seen = audit("trees", "[open(OUT + '/many/%d' % i).read() for i in range(9)]; os.listdir('/etc')\n"
                 "for n in sorted(os.listdir('/etc')):\n    if os.path.isfile('/etc/' + n): os.stat('/etc/' + n)")
    got, _, text = learn(seen.log_path)
    check("siblings become a tree, with what it grants beyond",
          f'"{OUT}/many/**"' in text and "now 12 names, of which 9 were asked for" in got.err.decode(), got, text)
    check("/etc never does", '"/etc/**"' not in text and '"/etc"' not in text and '"/etc/"' in text, text)
    _, _, text = learn(seen.log_path, "--collapse", "0")
    check("--collapse 0 leaves them alone", "/**" not in text and f'"{OUT}/many/3"' in text, text)
    _, _, text = learn(seen.log_path, "--collapse", "10")
    check("--collapse 10 wants ten", f"{OUT}/many/**" not in text, text)


def refusals():
    body = ("try: open(OUT + '/plain', 'a')\nexcept OSError: pass\nimport socket\ntry: socket.socket()\nexcept OSError: pass\n"
            "try: open('/etc/passwd').read()\nexcept OSError: pass")
    enforced = h.proctor([PYTHON, program("enforced", body)], "-q", "-p", "pure")
    got, _, text = learn(enforced.log_path)
    lines = [line for line in text.splitlines() if line.startswith("#   ")]
    check("what was refused is a comment with its reason and line",
          any("socket" in line and "solve.py:7" in line for line in lines) and
          any("openat " + OUT + "/plain" in line and f'write: "{OUT}"' in line for line in lines) and
          any('read: "/etc/passwd"' in line for line in lines) and '- "/etc/passwd"' not in text, text)
    never = put(BASE, "never.yaml", f"version: 1\nextends: builtin:pure\nnever: [{OUT}/many, bpf]\n")
    seen = h.proctor([PYTHON, program("never", "[open(OUT + '/many/%d' % i).read() for i in range(9)]")], "-q", "--mode", "audit",
                     "-p", never)
    got, policy, text = learn(seen.log_path)
    check("what `never` names stays refused, and stays named",
          f'"{OUT}/many/' not in text.split("never:")[0] and f'- "{OUT}/many' in text and '- "bpf"' in text and
          "`never` forbids it" in text, text)
    check("and that policy is accepted", tell("policy", "check", policy).status == 0, text)
    with open(hostile("own.jsonl", [])) as log:
        records = [json.loads(line) for line in log]
    records[0]["policy"] = {"effective": 'version: 1\nnever:\n  - "/x/run.jsonl/**"  # builtin:log\n  - "/y"  # p.yaml:3:1\n  - "/z"\n'}
    _, _, text = learn(put(BASE, "own.jsonl", "".join(json.dumps(r) + "\n" for r in records)))
    check("but not that run's own log", text.split("never:\n")[-1].splitlines()[:2] == ['  - "/y"', '  - "/z"'] and "/x/" not in text, text)


def addresses():
    servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    port, other = (s.getsockname()[1] for s in servers)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    body = (f"import socket\nsocket.create_connection(('127.0.0.1', {port})).close()\n"
            f"socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', {udp.getsockname()[1]}))\n"
            "s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[0])")
    got, policy, text = learn(audit("addresses", body).log_path)
    check("each address is granted, exactly, with its line", got.status == 0 and f'first at solve.py:5; if' in text and
          f'- "udp:127.0.0.1:{udp.getsockname()[1]}"' in text and '  bind:\n' in text and '- "127.0.0.1:0"' in text, got, text)
    check("where the kernel may have chosen the port that is connected to, it is said", text.count("if the kernel chose that port") == 1 and
          f'has another one\n    - "127.0.0.1:{port}"' in text, text)
    check("what needs no line of its own is no comment", "#   socket" not in text and "#   connect" not in text, text)
    script = program("addresses", body)
    again = h.proctor([PYTHON, script], "-q", "-p", policy)
    check("under it the program does the same, without a refusal", (again.status, again.out) == (0, b"127.0.0.1\n") and not again.refused(), again, text)
    far = h.proctor([PYTHON, program("far", f"import socket\nsocket.create_connection(('127.0.0.1', {other}))")], "-q", "-p", policy)
    check("and no other one connects", far.status == 1 and len(far.refused()) == 1, far)
    got, _, text = learn([audit("addresses", body).log_path, audit("none", "pass").log_path], "--min-runs", "2")
    check("--min-runs holds for them", "\nnet:\n" not in text and f"#   connect 127.0.0.1:{port}: only 1 of 2 runs asked for it" in text and
          got.status == 1, got, text)
    for server in servers + [udp]:
        server.close()


def learned_from_both(name, body, grants, *options):
    """Of a run that was let do it and of one that was granted it: the lines are enough for another run."""
    script = program(name, body)
    wide = put(place(), "wide.yaml", "version: 1\nextends: builtin:pure\n" + grants)
    texts = []
    for mode in "audit", "enforce":
        seen = h.proctor([PYTHON, script], "-q", "--mode", mode, "-p", "python" if mode == "audit" and not options else wide)
        got, policy, text = learn(seen.log_path)
        # How a C library is configured may be asked of /proc, which no line grants.
        left = [line for line in got.err.decode().splitlines() if line.startswith("not as before: ") and " /proc/" not in line]
        again = h.proctor([PYTHON, script], "-q", "-p", policy)
        check(f"{name}: what is learned in mode {mode} is enough, and proved",
              not left and b" go as before" in got.err and (again.status, again.out) == (seen.status, seen.out) == (0, seen.out) and
              seen.out and not again.refused(), seen, got, again, again.refused(), text)
        texts.append(text)
    return texts


def programs():
    body = ("import subprocess\nprint(subprocess.run(['/usr/bin/echo', 'a *', '-n\"', 'x%y'], capture_output=True).stdout)\n"
            "print(subprocess.run(['true']).returncode)")
    for text in learned_from_both("programs", body, "exec: [/usr/bin/echo, /usr/bin/true]\n"):
        check("a program is granted with its very arguments, and processes for it need no line",
              '{path: "/usr/bin/echo", argv: ["a %*", "-n\\"", "x%%y"]}' in text and '{path: "/usr/bin/true", argv: []}' in text and
              "\nprocess:" not in text, text)
    policy = put(place(), "p.yaml", text)
    other = h.proctor([PYTHON, program("programs", "import subprocess\nsubprocess.run(['/usr/bin/echo', 'b'])")], "-q", "-p", policy)
    check("and with no others", len(other.refused()) >= 1 and b"b\n" not in other.out, other)
    many = "import subprocess\nfor i in range(%d): print(subprocess.run(['/usr/bin/echo', str(i)], capture_output=True).stdout)"
    text = learned_from_both("lists", many % 5, "exec: [/usr/bin/echo]\n")[1]
    check("many lists of arguments become any", '- "/usr/bin/echo"\n' in text and "any arguments, of which 5 lists were seen" in text, text)
    seen = audit("few", many % 2)
    got, _, text = learn([seen.log_path, audit("none", "pass").log_path], "--min-runs", "2")
    check("--min-runs holds for programs, and the proof does not count them", "\nexec:" not in text and got.status == 1 and
          "#   executing /usr/bin/echo: only 1 of 2 runs executed it" in text and b"not as before: executing /usr/bin/echo" in got.err, got, text)
    body = "import subprocess, sys\nprint(subprocess.run([sys.executable, '-S', '-c', 'print(5)'], capture_output=True).stdout)"
    text = learned_from_both("itself again", body, 'exec: ["%{python}"]\n')[1]
    check("the interpreter has its name", '{path: "%{python}", argv: ["-S", "-c", "print(5)"]}' in text, text)
    body = ("import subprocess\np = subprocess.Popen(['/usr/bin/sleep', '60'], start_new_session=True); p.terminate(); print(p.wait())")
    for text in learned_from_both("signals", body, "exec: [/usr/bin/sleep]\n"):
        check("what comes with processes is no comment", "# Still refused" not in text, text)
    for text in learned_from_both("forks", "p = os.fork()\nif not p: os._exit(3)\nprint(os.waitpid(p, 0)[1])", "process: fork\n"):
        check("a process that executes nothing is a line of its own", "\nprocess: fork\n" in text and "\nexec:" not in text, text)


def own_policies():
    """What each program needed alone is proposed as a policy of its own, which holds when it is put in."""
    body = ("import subprocess\nprint(open(OUT + '/plain').read(), end='')\n"
            "print(subprocess.run(['/usr/bin/sort', OUT + '/many/1'], capture_output=True).stdout)\n"
            "print(subprocess.run(['/usr/bin/true']).returncode)\n"
            "print(subprocess.run(['/bin/sh', '-c', 'cat %s/many/2; :' % OUT], capture_output=True).stdout)")
    for text in learned_from_both("own policies", body, f"read: ['{OUT}']\nexec: [/usr/bin/sort, /usr/bin/true, /usr/bin/cat, /bin/sh]\n"):
        own = "".join(line.partition(": ")[2] + "\n" for line in text.splitlines() if line.startswith("#learned-sort: "))
        check("it has what the program read, and nothing else", f'"{OUT}/many/1"' in own and "plain" not in own and "many/2" not in own and
              own.startswith("version: 1\nname: learned-sort\nextends: builtin:python\nread:\n"), text)
        check("one that asked for nothing more has a name for that",
              "# /usr/bin/true asked for nothing but what builtin:python grants: its rules of exec could have\n# policy: builtin:python\n" in text, text)
        check("of one that starts others it is said why there is none", "# /bin/sh started others: " in text, text)
        where = place()
        put(where, "learned-sort.yaml", own)
        text = text.replace('{path: "/usr/bin/sort"', '{path: "/usr/bin/sort", policy: ./learned-sort.yaml')
        text = text.replace('{path: "/usr/bin/true"', '{path: "/usr/bin/true", policy: "builtin:python"')
        script = os.path.join(BASE, "s-ownpolicies", "solve.py")
        run = h.proctor([PYTHON, script], "-q", "-p", put(where, "p.yaml", text))
        check("put in, they hold", run.status == 0 and b"b'1" in run.out and not run.refused() and
              {r["rule"]["ruleset"] for r in run.calls() if r["rule"].get("ruleset")} == {"learned-sort", "python"}, run, run.refused())
    # What a log says is not taken at its word.
    name = "/usr/bin/so\nrt'\x1b[2J; rm -r ~"
    calls = [("execve", path, ['"x"', '["x"]', "0x1"]) for path in (name, "/usr/bin/sort")]
    got, _, text = learn(hostile("own.jsonl", calls + [("openat", "/etc/hos\n#x", ["AT_FDCWD", '"x"', "O_RDONLY"])]))
    check("names cannot add a line", "\x1b" not in text + got.err.decode() and not [line for line in text.splitlines() if line.startswith("rt'")], text)


def shared_memory():
    body = ("import multiprocessing\nlock, box = multiprocessing.Lock(), multiprocessing.Value('i', 1)\n"
            "def add():\n    with lock: box.value += 1\n"
            "if __name__ == '__main__':\n    p = multiprocessing.get_context('fork').Process(target=add); p.start(); p.join(); print(box.value)")
    for text in learned_from_both("names of shared memory", body, "process: fork\n"):
        check("they need no line, and no comment", "/dev/shm" not in text and "mmap" not in text and "# Not granted" not in text, text)
    write = ["AT_FDCWD", '"x"', "O_RDWR"]
    got, _, text = learn(hostile("shm.jsonl", [("openat", "/dev/shm/a", write[:2] + ["O_RDWR|O_CREAT"]), ("unlink", "/dev/shm/a", ['"/dev/shm/a"']),
                                               ("openat", "/dev/shm/theirs", write)]))
    check("what the run did not make is not its own", got.status == 1 and b"2 of 3 calls" in got.err and b"did not make: /dev/shm/theirs" in got.err, got, text)


def not_programs():
    """What no policy can name, or may not, is a comment with its reason, and never proved."""
    script = put(BASE, "tool.sh", "#!/bin/sh\nexit 0\n")
    setid = put(BASE, "setid", "x")
    foreign = put(BASE, "foreign", "MZ\x00")
    for path, mode in (script, 0o755), (setid, 0o4755), (foreign, 0o755):
        os.chmod(path, mode)
    calls = [("execve", path, ['"x"', '["x"]', "0x1"]) for path in (script, setid, foreign)]
    got, policy, text = learn(hostile("programs.jsonl", calls))
    for path, why in (script, "has to be named too"), (setid, "set-user-id"), (foreign, "neither a program"):
        check(f"not granted: {why}", any(path in line and why in line for line in text.splitlines() if line.startswith("#   executing ")) and
              f"not as before: executing {path}" in got.err.decode(), got, text)
    check("nothing is", got.status == 1 and "\nexec:" not in text and b"0 of 3 calls" in got.err, got, text)
    argvs = ['["echo", "a"', '["echo", ...]', '["echo", "a"...]', '["echo", "\\777"]', '["echo", "\\0"]', '["echo"]]', '[]', '"echo"', '["other"]',
             '["echo", "\\377"]', '["echo", "a\\q"]']
    for argv in argvs:
        _, policy, text = learn(hostile("argv.jsonl", [("execve", "/usr/bin/echo", ['"x"', argv, "0x1"])]))
        check("arguments that are not all there are any: " + ascii(argv), '- "/usr/bin/echo"\n' in text and "with any arguments: " in text, text)
    _, policy, text = learn(hostile("lines.jsonl", [("execve", "/usr/bin/echo", ['"x"', '["echo", "\\n- /bin/sh\\33[2J\u202e"]', "0x1"])]))
    check("an argument stays one", all(c == "\n" or c.isprintable() for c in text) and "/bin/sh\n" not in text and
          tell("policy", "check", policy).status == 0, text)
    _, _, text = learn(hostile("clone.jsonl", [("clone", None, ["CLONE_NEWUSER|SIGCHLD"]), ("clone", None, ["CLONE_VM|CLONE_THREAD|SIGCHLD"])]))
    check("no line grants another kind of process", "\nprocess:" not in text and "process with these flags; 1 call" in text, text)


def writes():
    out = os.path.join(BASE, "written")
    put(out, "old", "old")
    put(out, "deep/er/old", "old")
    body = (f"import shutil, tempfile\nW = {out!r}\nopen(W + '/new', 'w').write('x'); os.rename(W + '/new', W + '/newer')\n"
            "os.makedirs(W + '/a/b'); open(W + '/a/b/c', 'w').close(); shutil.rmtree(W + '/a'); os.unlink(W + '/newer')\n"
            "os.chmod(W + '/old', 0o640); print(os.path.exists(W + '/new'), open(W + '/deep/er/old', 'r+').read())")
    for text in learned_from_both("writes", body, f"write: [{out}]\n"):
        check("the directory that holds them is granted, once, and what it grants is said",
              text.count("\nwrite:\n") == 1 and f'may be read and changed\n  - "{out}"\n' in text and out + "/" not in text.split("# used")[1], text)
    body = ("import tempfile\nwith tempfile.TemporaryDirectory() as d:\n    open(d + '/x', 'w').write('y'); os.rename(d + '/x', d + '/z')\n"
            "    print(os.listdir(d), open(d + '/z').read())")
    text = learned_from_both("scratch", body, 'write: ["%{scratch}"]\nscratch: {size: 5MiB, files: 77}\n', "scratch")[1]
    check("the run's scratch is named as such", '  - "%{scratch}"\n' in text and "/tmp" not in text.split("# used")[1], text)
    write = ["AT_FDCWD", '"x"', "O_WRONLY|O_CREAT"]
    paths = ["/x", "/etc/x", "/tmp/x", "/proc/1/x", "/sys/x", "/root/x", "/home/me/x", "/var/tmp/x", "/dev/x", BASE + "/.hidden/x", out + "/../x", "/a\n- /"]
    got, policy, text = learn(hostile("writes.jsonl", [("openat", path, write) for path in paths]))
    check("no directory that much lies beneath is", "\nwrite:" not in text and got.status == 1 and f"0 of {len(paths)} calls".encode() in got.err and
          tell("policy", "check", policy).status == 0, got, text)
    tool = os.path.join(BASE, "tools", "true")
    put(BASE, "tools/x", "")
    with open("/usr/bin/true", "rb") as true, open(tool, "wb") as copy:
        copy.write(true.read())
    os.chmod(tool, 0o755)
    got, policy, text = learn(hostile("both.jsonl", [("execve", tool, ['"x"', '["true"]', "0x1"]), ("openat", os.path.dirname(tool) + "/x", write)]))
    check("where a program lies that is executed nothing is written", f'"{tool}", argv: []' in text and "\nwrite:" not in text and
          "can be written to" in text and tell("policy", "check", policy).status == 0 and got.status == 1, got, text)
    os.symlink("/etc/hosts", out + "/leads-out")
    got, _, text = learn(hostile("link.jsonl", [("openat", out + "/leads-out", write)]))
    check("where a link leads out of it nothing is proved", got.status == 1 and b"0 of 1 call" in got.err, got, text)
    half = [("rename", out + "/x", ['"' + out + '/x"', '"gone/y"'])]
    got, _, text = learn(hostile("half.jsonl", half))
    check("of a name that the log does not have nothing is proved", got.status == 1 and b"0 of 1 call" in got.err, got, text)


def runs():
    one = audit("runs", "open(OUT + '/plain').read()")
    two = audit("runs", "open(OUT + '/plain').read(); open(OUT + '/real/in-it').read()")
    got, _, text = learn([one.log_path, two.log_path])
    check("two runs are put together", f'"{OUT}/plain"' in text and f'"{OUT}/real/in-it"' in text and "2 calls in 2 runs" in text, text)
    got, _, text = learn([one.log_path, two.log_path], "--min-runs", "2")
    check("--min-runs 2 leaves out what one run asked for",
          f'"{OUT}/plain"' in text and f'- "{OUT}/real/in-it"' not in text and "only 1 of 2 runs asked for it" in text and
          got.status == 1, got, text)
    body = "print(open('data.txt').read())\ntry: open('data.txt', 'r+')\nexcept OSError as e: print(e)"
    script = program("alone", body)
    directory = os.path.dirname(script)
    one, two = (h.proctor([PYTHON, script], "-q", "--mode", "audit", "-p", "python", *more, cwd=directory)
                for more in ((), ("--submission", script)))
    for logs, name in ((one, two), directory), ((two,), directory), ((one,), "%{submission}"):
        got, policy, text = learn([log.log_path for log in logs])
        again = h.proctor([PYTHON, script], "-q", "-p", policy, *(() if logs[0] is one and len(logs) == 1 else ("--submission", script)), cwd=directory)
        check(f"a submission that is a file has nothing beneath it: {name}, {len(logs)} logs", got.status == 0 and f'- "{name}"' in text and
              (again.status, again.out) == (0, one.out) and not again.refused(), got, again, text)
    limited = [h.proctor([PYTHON, program("limits", "pass")], "-q", "--mode", "audit", "--cpu", cpu, "--memory", "1G").log_path
               for cpu in ("5s", "7s")]
    _, policy, text = learn(limited)
    check("a limit that all runs had stays, the largest of it", "cpu: 7000000000ns, memory: 1073741824B" in text and
          tell("policy", "check", policy).status == 0, text)


def hostile(name, calls):
    records = [{"v": 1, "kind": "start", "@timestamp": "x", "run": {"id": "r"}, "process": {"pid": 5, "args": [PYTHON, "-c", "0"],
               "executable": os.path.realpath(PYTHON), "working_directory": "/", "python": "3"}, "settings": {"mode": "audit"}}]
    for i, (call, path, args) in enumerate(calls):
        records.append({"v": 1, "kind": "call", "event": {"sequence": i + 1, "action": call}, "process": {"pid": 5},
                        "syscall": {"nr": 257, "args": args, "ret": 3}, **({"file": {"path": path}} if path else {}),
                        "decision": {"action": "deny", "enforced": False, "violation": True},
                        "rule": {"id": "on_deny", "ref": "x"}})
    records.append({"v": 1, "kind": "end", "status": "OK", "records": len(records) + 1})
    return put(BASE, name, "".join(json.dumps(r) + "\n" for r in records))


def forged_never():
    with open(hostile("never.jsonl", [("openat", "/x", ["AT_FDCWD", '"x"', "O_RDONLY"])])) as log:
        records = [json.loads(line) for line in log]
    records[0]["policy"] = {"effective": "never:\n" + "".join("  - /n/*a*a*a*%d\n" % i for i in range(9000))}
    return put(BASE, "never.jsonl", "".join(json.dumps(r) + "\n" for r in records))


def forged():
    read = ["AT_FDCWD", '"x"', "O_RDONLY"]
    names = ["/x\n- /", "/x\x1b[2J", "/%{submission}/*", "/**", "/ok/../..", '/a"\n  - "/', "/\u202eabc", "//", "/", "/etc", "/root",
             "/home", "/etc/", "/proc", "/proc/1/environ", "/proc/self/mem", "/dev/sda", "/dev", "/sys/kernel"]
    log = hostile("forged.jsonl", [("openat", n, read) for n in names])
    got, policy, text = learn(log)
    rules = [line.strip() for line in text.splitlines() if line.startswith("  - ")]
    check("names in a log are no policy: each stays one rule or comment", text and
          all(c == "\n" or c.isprintable() for c in text) and not any("/**" in r.replace("%*%*", "") for r in rules), text)
    check("what no log of proctor has is not granted", '"/ok' not in text and '"/etc//' not in text and
          "/ok/../..: no path that proctor would record" in text, text)
    for tree in "/", "/etc", "/root", "/home", "/dev", "/proc", "/sys/kernel":
        check(f"{tree} is not granted as a tree", f'- "{tree}"' not in rules and f'- "{tree}/**"' not in rules, text)
    for path in "/etc/shadow", "/root/.ssh/id_rsa", "/home/x/y", "/proc/1/environ", "/dev/sda", "/x":
        got = tell("why", policy, "--python", PYTHON, "read", path)
        check(f"{path} is not granted", got.status == 1, got, text)
    for what, log in (("a `never` list", forged_never()), ("paths", hostile("many.jsonl", [("openat", "/m/%d" % i, read) for i in range(70000)]))):
        got, _, text = learn(log)
        check(f"no policy is made of more {what} than one can have", got.status == 1 and not text and b"more than" in got.err, got)
    dots = [os.path.join(BASE, ".hidden/%d" % i) for i in range(9)]
    for name in dots:
        put(BASE, os.path.relpath(name, BASE), "x")
    _, _, text = learn(hostile("dots.jsonl", [("openat", n, read) for n in dots]))
    check("nothing beneath a name with a dot becomes a tree", "/**" not in text and ".hidden/3" in text, text)


def incomplete():
    seen = audit("incomplete", "open(OUT + '/plain').read()")
    with open(seen.log_path, "rb") as log:
        lines = log.read().splitlines(True)
    for what, data in (("without its end", lines[:-1]), ("with a hole", lines[:5] + lines[6:]), ("cut off", lines[:-1] + [lines[-1][:9]])):
        cut = put(BASE, "cut.jsonl", b"".join(data))
        got, _, text = learn(cut)
        check(f"a log {what} is refused", got.status == 1 and not text and b"--partial" in got.err, got)
        got, _, text = learn(cut, "--partial")
        check(f"--partial takes a log {what}, and says so", "version: 1" in text and b"the log has" in got.err + b"the log is" , got)
    sparse = h.proctor([PYTHON, program("sparse", "open(OUT + '/plain').read()")], "-q", "--calls", "denied", "-r", OUT)
    got, _, text = learn(sparse.log_path)
    check("a log of refused calls only is refused", got.status == 1 and not text and b"refused calls only" in got.err, got)
    got, _, text = learn(put(BASE, "no.log", "hello\n"))
    check("what is no log is said to be none", got.status == 65 and not text, got)
    got, _, _ = learn(os.path.join(BASE, "gone"))
    check("a log that is not there exits 66", got.status == 66, got)
    taken = put(BASE, "taken.yaml", "mine")
    got = tell("learn", "-o", taken, seen.log_path)
    check("a policy that is there stays", got.status == 74 and open(taken).read() == "mine", got)
    for words in ([], ["--collapse", "x", "l"], ["--min-runs", "0", "l"], ["--frob"], ["-o"], ["--"]):
        check("bad use exits 64: " + " ".join(words), tell("learn", *words).status == 64)


def from_program():
    temporary = place()
    os.environ["TMPDIR"] = temporary
    script = program("itself", "print(sys.stdin.read(), open(OUT + '/directory/../plain').read(), open('data.txt').read(), sep='')")
    directory = os.path.dirname(script)
    policy = os.path.join(place(), "p.yaml")
    got = tell("learn", "-o", policy, "--python", PYTHON, "--", script, stdin=b"typed", cwd=directory)
    check("it is said that this is no sandbox", b"AUDIT MODE" in got.err, got)
    check("a program is run, learned from and run again", got.status == 0 and b"no refusal" in got.err and
          got.err.count(b"the same") == 3 and not got.out, got)
    again = h.proctor([PYTHON, script], "-q", "-p", policy, stdin=b"typed", cwd=directory)
    equal("the policy is good for another run", (again.status, again.out, again.refused()), (0, b"typedplain\ndata\n\n", []))
    got = tell("learn", "--python", PYTHON, "--", program("time", "import time; print(time.time_ns())"))
    check("a program that says something else each time is told, and its policy is on standard output",
          got.status == 1 and b"ANOTHER standard output" in got.err and got.out.startswith(b"# Learned"), got)
    body = "import tempfile\nwith tempfile.TemporaryFile() as f: print(f.write(b'x'))"
    for options, wanted in ([], (1, b"and learn from that")), (["--scratch"], (0, b"%{scratch}")):
        got = tell("learn", "--python", PYTHON, *options, "--", program("temporary", body))
        check("temporary files are learned to be in a scratch where it had one, and otherwise it is said how: " + str(options),
              got.status == wanted[0] and wanted[1] in got.out, got)
    got = tell("learn", "--", "/proc/nonexistent/python3", "x.py")
    check("a program that is not there teaches nothing", got.status != 0 and not got.out and got.err, got)
    equal("nothing is left behind", os.listdir(temporary), [])


for part in corpus, each_program, command_lines, trees, refusals, addresses, programs, own_policies, shared_memory, not_programs, writes, runs, forged, incomplete, from_program:
    title(part.__name__.replace("_", " "))
    part()
finish()
