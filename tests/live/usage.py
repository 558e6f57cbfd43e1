#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bad use gets one clear line on stderr and its own exit status; a host that cannot do it is told
so by `run` (status 71) and by `doctor`, which names what is missing.
"""

import errno
import json
import os
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
import harness as h

USAGE, BAD_POLICY, INTERNAL, HOST, LOG, CANNOT, MISSING = 64, 65, 70, 71, 74, 126, 127
PTRACE, OPENAT2, SECCOMP, PIDFD_OPEN, PRCTL, READV = 101, 437, 317, 434, 157, 310


UNREACHABLE = "an ordinary user cannot reach this build, nor a copy of it in TMPDIR"
NOBODY = {"user": 65534, "group": 65534, "extra_groups": []}


def raw(*words, program=None, **popen):
    """proctor with just these words."""
    return h.finished([program or h.PROCTOR, *words], None, None, popen.pop("stdin", b""), popen.pop("env", None), 30, popen)


def bad(sentence, run, status, *parts, lines=1, start="proctor: "):
    text = run.err.decode(errors="replace") if run.err is not None else ""
    h.check(
        f"{sentence}: status {status}, one line",
        run.status == status
        and run.out in (b"", None)
        and text.startswith(start)
        and text.count("\n") == lines
        and text.endswith("\n"),
        run,
    )
    for part in parts:
        h.check(f"{sentence}: the line says {part!r}", part in text, text)


def programs(box):
    bad("no such script", raw("run", "nothing.py"), MISSING, "nothing.py", "No such file")
    bad("no such script for --python", raw("run", "--python", h.PYTHON, box + "/nothing.py"), MISSING, "nothing.py")
    bad("no such program", raw("run", "--", "no-such-program-here"), MISSING, "no-such-program-here")
    bad("no such program by its path", raw("run", "--", "/nothing/at/all"), MISSING, "/nothing/at/all")
    bad("no such interpreter", raw("run", "--python", "/nothing/python", box + "/ok.py"), MISSING, "/nothing/python")
    bad(
        "a script of the interpreter that is not there",
        raw("run", "--", h.PYTHON, box + "/nothing.py"),
        MISSING,
        "nothing.py",
    )
    bad("not executable", raw("run", "--", h.put(box, "plain", "text\n")), CANNOT, box + "/plain")
    bad("a directory as program", raw("run", "--", box), CANNOT, box)
    os.chmod(h.put(box, "no-program", "\x7fELFnonsense"), 0o755)
    bad("an executable that is none", raw("run", "--", box + "/no-program"), CANNOT, "no-program")
    os.chmod(h.put(box, "bad-shebang", "#!/nothing/python\n"), 0o755)
    run = raw("run", "--", box + "/bad-shebang")
    h.check(
        "a #! interpreter that is not there: 126 or 127",
        run.status in (CANNOT, MISSING) and b"/nothing/python" in run.err,
        run,
    )
    bad("no program at all", raw("run"), USAGE, "no program")
    bad("an empty program", raw("run", "--", ""), MISSING)
    os.mkdir(box + "/dir.py")
    run = raw("run", box + "/dir.py")
    h.check(
        "a directory called .py is run as Python does: it has no __main__", run.status in (1, CANNOT) and run.err, run
    )
    if os.getuid() == 0:
        secret = h.put(box, "unreadable.py", "print(1)\n")
        os.chmod(secret, 0)
        os.chmod(box, 0o755)
        program = h.proctor_for(65534)
        if program:
            run = raw("run", secret, program=program, **NOBODY)
            bad("a script that may not be read", run, CANNOT, "unreadable.py", "Permission denied")
        else:
            h.skip("a script that may not be read", UNREACHABLE)
    else:
        os.chmod(h.put(box, "unreadable.py", "print(1)\n"), 0)
        bad(
            "a script that may not be read",
            raw("run", box + "/unreadable.py"),
            CANNOT,
            "unreadable.py",
            "Permission denied",
        )


def options(box):
    ok = box + "/ok.py"
    for words, said in (
        (["--nonsense"], "--nonsense"),
        (["-Z"], "-Z"),
        (["--cpu"], "--cpu"),
        (["--policy"], "--policy"),
    ):
        bad(" ".join(words), raw("run", *words), USAGE, said)
    for option, values in {
        "--cpu": ["0", "abc", "-1s", "2x", "", "1.5.2s", "99999999999999999999s", "s"],
        "--wall": ["0s", "1 s", "nan", "inf"],
        "--memory": ["0", "256", "-5MiB", "12parsec", "1e9", "99999999999GiB", "MiB"],
        "--output": ["", "x"],
        "--tasks": ["0", "-1", "1.5", "four", "2s", "99999999999999999999999"],
        "--files": ["0", "0x10", "1k"],
        "--calls": ["some", ""],
        "--stack": ["deep"],
        "--stack-for": ["x"],
        "--mode": ["loose"],
        "--exit": ["0"],
        "--label": ["x", "=y", ""],
        "--env": ["=x", ""],
        "--live": ["77"],
    }.items():
        for value in values:
            run = raw("run", option, value, "--", h.PYTHON, ok)
            bad(f"{option} {value!r}", run, USAGE, option)
    for words in (["frobnicate"], ["-x"], []):
        run = raw(*words)
        h.check(
            f"proctor {' '.join(words)}: status {USAGE} and what there is",
            run.status == USAGE and run.err and not run.out,
            run,
        )
    for words in (
        ["--help"],
        ["-h"],
        ["run", "--help"],
        ["run", "-h"],
        ["doctor", "--help"],
        ["summary", "--help"],
        ["explain", "--help"],
    ):
        run = raw(*words)
        h.check(
            f"proctor {' '.join(words)}: on stdout, status 0",
            run.status == 0 and b"usage" in run.out.lower() and not run.err,
            run,
        )
    for words in (["--version"], ["run", "--version"]):
        run = raw(*words)
        h.check(f"proctor {' '.join(words)}", run.status == 0 and run.out.startswith(b"proctor "), run)
    run = raw("run", "--", h.PYTHON, ok, "--nonsense", "--help", "-o")
    h.check(
        "options behind the program are the program's",
        run.status == 0 and run.out == b"['--nonsense', '--help', '-o']\n",
        run,
    )
    run = raw("run", ok, "-p", "x")
    h.check("without -- too", run.status == 0 and run.out == b"['-p', 'x']\n", run)


def logs(box):
    ok = box + "/ok.py"
    words = ["--", h.PYTHON, ok]
    there = h.put(box, "there.jsonl", "precious\n")
    bad("a log that exists", raw("run", "-o", there, *words), USAGE, "there.jsonl", "exists already")
    with open(there) as text:
        h.equal("and it is as it was", text.read(), "precious\n")
    os.symlink("there.jsonl", box + "/link.jsonl")
    os.symlink("nothing.jsonl", box + "/dangling.jsonl")
    bad("a log that is a link", raw("run", "-o", box + "/link.jsonl", *words), USAGE, "exists already")
    bad("a log that is a dangling link", raw("run", "-o", box + "/dangling.jsonl", *words), USAGE, "exists already")
    h.check("nothing was made behind it", not os.path.exists(box + "/nothing.jsonl"))
    bad("a log in a directory that is not there", raw("run", "-o", box + "/no/log", *words), LOG, "no/log")
    run = raw("run", "-o", box, *words)
    h.check("a directory as log", run.status in (USAGE, LOG) and run.err.count(b"\n") == 1, run)
    if os.path.exists("/dev/full"):
        run = raw("run", "-o", "/dev/full", *words)
        h.check(
            "a log on a full disk: 74, and it says so",
            run.status == LOG and b"log" in run.err and b"No space left" in run.err,
            run,
        )
        verdict = box + "/full.json"
        for mode in "child", "verdict", "judged":
            run = raw("run", "-o", "/dev/full", "--verdict", verdict, "--exit", mode, *words)
            with open(verdict) as text:
                told = json.load(text)
            h.check(
                f"--exit {mode} too; the verdict says XX and that the log is not complete",
                run.status == LOG
                and told["status"] == "XX"
                and told["log"]["complete"] is False
                and "log" in told["error"],
                run,
                told,
            )
        bad(
            "a verdict on a full disk",
            raw("run", "--verdict", "/dev/full/x", *words, stdout=subprocess.DEVNULL),
            LOG,
            "/dev/full/x",
        )
    long = h.put(box, "long.py", "import os\nfor i in range(100000): os.stat('/dev/null')\nprint('not reached')\n")
    for target in "a closed pipe", "a full disk":
        if target == "a closed pipe":
            read, write = os.pipe()
            os.close(read)
        else:
            write = os.open("/dev/full", os.O_WRONLY)
        run = raw("run", "-o", f"/dev/fd/{write}", "--", h.PYTHON, long, pass_fds=[write])
        os.close(write)
        h.check(
            f"the log goes to {target}: the program is ended, status 74",
            run.status == LOG and b"not reached" not in run.out and b"log" in run.err,
            run,
        )
    bad(
        "a verdict in a directory that is not there",
        raw("run", "--verdict", box + "/no/v.json", *words, stdout=subprocess.DEVNULL),
        LOG,
        "no/v.json",
    )
    with open(there) as text:
        run = raw("run", "--verdict", there, *words)
        h.check(
            "a verdict replaces what was there, whole",
            run.status == 0 and json.load(open(there))["status"] == "OK" and text.read() == "precious\n",
            run,
        )
    h.equal("no temporary file is left", [n for n in os.listdir(box) if "tmp" in n], [])
    readonly = h.place()
    os.chmod(readonly, 0o555)
    os.chmod(box, 0o755)
    who = {"program": h.PROCTOR}
    if os.getuid() == 0:
        who = {"program": h.proctor_for(65534), **NOBODY}
    if who["program"]:
        bad(
            "a log in a read-only directory",
            raw("run", "-o", readonly + "/log", *words, **who),
            LOG,
            "Permission denied",
        )
        bad(
            "a verdict in a read-only directory",
            raw("run", "--verdict", readonly + "/v", *words, stdout=subprocess.DEVNULL, **who),
            LOG,
            "Permission denied",
        )
    else:
        h.skip("a log in a read-only directory", UNREACHABLE)


def policies(box):
    ok = ["--", h.PYTHON, box + "/ok.py"]
    # As a compiler does: FILE:LINE:COLUMN: message.
    bad("a policy that is not there", raw("run", "-p", box + "/none.yaml", *ok), BAD_POLICY, start="proctor: " + box + "/none.yaml: ")
    bad("a name that is no policy", raw("run", "-p", "builtin:nonsense", *ok), BAD_POLICY, start="proctor: builtin:nonsense: ")
    for name, text, said in (
        ("an unknown key", "version: 1\nnonsense: 1\n", ":2:1:"),
        ("no YAML", "version: [\n", ".yaml:"),
        ("an empty file", "", ".yaml"),
        ("a bad limit", "version: 1\nlimits: {cpu: soon}\n", ":2:"),
        ("a relative path", "version: 1\nread: [data]\n", ":2:"),
        ("an unknown errno", "version: 1\non_deny: errno:EWHAT\n", ":2:"),
        ("a newer version", "version: 99\n", ":1:"),
    ):
        run = raw("run", "-p", h.put(box, "bad.yaml", text), *ok)
        h.check(
            f"a policy with {name}: 65 and where it is",
            run.status == BAD_POLICY
            and f"{box}/bad.yaml" in run.err.decode()
            and said in run.err.decode()
            and not run.out,
            run,
        )
    bad("a directory as policy", raw("run", "-p", box, *ok), BAD_POLICY, start="proctor: " + box + ": ")
    program = h.proctor_for(65534) if os.getuid() == 0 else h.PROCTOR
    if program:
        os.chmod(h.put(box, "secret.yaml", "version: 1\n"), 0)
        bad(
            "a policy that may not be read",
            raw("run", "-p", box + "/secret.yaml", *ok, program=program, **(NOBODY if os.getuid() == 0 else {})),
            BAD_POLICY,
            "Permission denied",
            start="proctor: " + box,
        )
    else:
        h.skip("a policy that may not be read", UNREACHABLE)
    h.check(
        "a bad policy leaves no log behind",
        raw("run", "-o", box + "/unused.jsonl", "-p", "builtin:nonsense", *ok).status == BAD_POLICY
        and not os.path.exists(box + "/unused.jsonl"),
    )


def hosts(box):
    ok = box + "/ok.py"
    # The leak checker of a sanitized build needs ptrace for itself.
    env = h.clean_env(ASAN_OPTIONS="detect_leaks=0")
    run = raw("doctor")
    h.check("doctor: this host can", run.status == 0 and b"proctor runs here" in run.out and not run.err, run)
    h.check(
        "doctor names what it looked at",
        all(w in run.out for w in (b"ptrace", b"seccomp", b"openat2", b"Landlock", b"mseal", b"kernel")),
        run,
    )
    bad("doctor takes no arguments", raw("doctor", "x"), USAGE, lines=2)
    poor = {
        "ptrace is forbidden": ((PTRACE, errno.EPERM), "ptrace", HOST),
        "openat2 is missing": ((OPENAT2, errno.ENOSYS), "openat2", HOST),
        "openat2 is forbidden": ((OPENAT2, errno.EPERM), "openat2", HOST),
        "seccomp is missing": ((SECCOMP, errno.ENOSYS), "seccomp", HOST),
        "seccomp is forbidden": ((SECCOMP, errno.EPERM), "seccomp", HOST),
        "pidfd_open is forbidden": ((PIDFD_OPEN, errno.EPERM), "pidfd_open", HOST),
        "process_vm_readv is forbidden": ((READV, errno.EPERM), "process_vm_readv", HOST),
    }
    for name, (call, word, status) in poor.items():
        run = raw("run", "--", h.PYTHON, ok, preexec_fn=h.forbid(call), env=env)
        h.check(
            f"{name}: run says so, status {status}",
            run.status == status and run.out == b"" and run.err.startswith(b"proctor: "),
            run,
        )
        h.check(f"{name}: and that doctor knows more", b"proctor doctor" in run.err, run.err)
        run = raw("doctor", preexec_fn=h.forbid(call), env=env)
        lines = [line for line in run.out.decode().splitlines() if line.startswith("MISSING")]
        h.check(
            f"{name}: doctor says what is missing, status {HOST}",
            run.status == HOST and any(word in line for line in lines),
            run,
        )
    for name, call in {"Landlock": (444, errno.EOPNOTSUPP), "mseal": (462, errno.ENOSYS)}.items():
        run = raw(
            "run",
            "-o",
            f"{box}/weak-{call[0]}.jsonl",
            "--",
            h.PYTHON,
            h.put(
                box,
                "weak.py",
                "print(open('ok.py').read()[:6])\ntry: open('/etc/passwd')\n"
                "except PermissionError: print('refused')\n",
            ),
            preexec_fn=h.forbid(call),
            cwd=box,
        )
        h.check(f"without {name} it runs, and refuses", run.status == 0 and run.out == b"import\nrefused\n", run)
        walls = h.read_log(f"{box}/weak-{call[0]}.jsonl")[0]["host"]["walls"]
        h.check(f"and the start record does not claim {name}", name.lower() not in walls, walls)
        run = raw("doctor", preexec_fn=h.forbid(call))
        h.check(
            f"doctor tells that {name} is weaker here",
            run.status == 0 and any(l.startswith("weaker") and name in l for l in run.out.decode().splitlines()),
            run,
        )


def main():
    box = h.place()
    h.put(box, "ok.py", "import sys; print(sys.argv[1:])\n")
    programs(box)
    options(box)
    logs(box)
    policies(box)
    hosts(box)
    h.equal("no process is left", h.survivors(), [])
    h.finish()


main()
