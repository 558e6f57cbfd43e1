#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where log, verdict and live lines go: descriptors, FIFOs and devices in place, files through links
beside what they lead to, never over something else, never where the program writes, and never a verdict
of an earlier run. Each is told before the program starts.

A proctor that is broken here replaces what it should write to: as root nothing of the machine's own /dev
is named as a verdict, only copies.
"""

import json
import os
import pty
import socket
import stat
import subprocess
import sys
import threading

sys.dont_write_bytecode = True
import harness as h

USAGE, BAD_POLICY, LOG, CANNOT, MISSING = 64, 65, 74, 126, 127
OPTIONS = "-o", "--verdict", "--live"
ROOT = os.getuid() == 0
NOBODY = 65534
REFUSED = "try: open('/etc/passwd')\nexcept OSError: print('ran', flush=True)\n"


class Ran:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def __repr__(self):
        return f"status {self.status}, out {h.short(self.out or b'', 300)}, err {h.short(self.err or b'', 600)}"


def run(box, *options, words=None, **popen):
    """proctor run with OPTIONS in BOX; nothing is added."""
    popen.setdefault("stdout", subprocess.PIPE)
    popen.setdefault("stderr", subprocess.PIPE)
    popen.setdefault("stdin", subprocess.DEVNULL)
    argv = [h.PROCTOR, "run", *options, *(["--", h.PYTHON, "solve.py"] if words is None else words)]
    try:
        done = subprocess.run(argv, cwd=box, env=h.clean_env(), timeout=60, **popen)
    except subprocess.TimeoutExpired as late:
        return Ran("TIMEOUT", late.stdout, late.stderr)
    return Ran(done.returncode, done.stdout, done.stderr)


def refused(sentence, ran, status, *parts):
    """One line, and the program did not run."""
    err = (ran.err or b"").decode(errors="replace")
    h.check(
        f"{sentence}: status {status}, told before the start",
        ran.status == status and not ran.out and err.startswith("proctor: ") and err.count("\n") == 1,
        ran,
    )
    for part in parts:
        h.check(f"{sentence}: the line says {part!r}", part in err, err)


def is_right(option, data):
    """Is DATA what OPTION asked for?"""
    try:
        if option == "-o":
            lines = [json.loads(line) for line in data.splitlines()]
            return lines[0]["kind"] == "start" and lines[-1]["kind"] == "end"
        if option == "--verdict":
            return json.loads(data)["schema"] == "proctor.verdict/1"
        return b"/etc/passwd" in data
    except (ValueError, LookupError):
        return False


def read(path):
    with open(path, "rb") as f:
        return f.read()


def gathered(fd):
    """Everything from descriptor FD, in the background: (thread, list)."""
    got = []

    def gather():
        with os.fdopen(fd, "rb") as f:
            got.append(f.read())

    thread = threading.Thread(target=gather, daemon=True)
    thread.start()
    return thread, got


def an_old_verdict(path):
    with open(path, "w") as f:
        json.dump({"schema": "proctor.verdict/1", "status": "OK", "run": {"id": "an earlier run"}}, f)
    return path


def is_old(path):
    try:
        return b"an earlier run" in read(path)
    except FileNotFoundError:
        return False


def device(box, name, minor):
    """A device like /dev/NAME that may be broken, or None with the reason told."""
    if not ROOT:
        return "/dev/" + name  # which an ordinary user cannot break
    path = os.path.join(box, name)
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, minor))
        os.close(os.open(path, os.O_WRONLY))
    except OSError as error:
        if os.path.lexists(path):
            os.unlink(path)
        h.skip(f"a copy of /dev/{name}", f"cannot be made or used here: {error}")
        return None
    return path


# ---------------------------------------------------------------- descriptors


def descriptors(box):
    for option in OPTIONS:
        for form in "{}", "/dev/fd/{}", "/proc/self/fd/{}", "link":
            r, w = os.pipe()
            thread, got = gathered(r)
            name = form.format(w)
            if form == "link":
                name = os.path.join(box, "to-a-descriptor")
                os.symlink(f"/proc/self/fd/{w}", name)
            ran = run(box, option, name, pass_fds=[w])
            os.close(w)
            thread.join(20)
            h.check(
                f"{option} {form.format('N')}: into that descriptor",
                ran.status == 0 and ran.out == b"ran\n" and got and is_right(option, got[0]),
                ran,
                got,
            )
            if form == "link":
                h.check("and the link is still one", os.path.islink(name))
                os.unlink(name)
        h.check(f"{option} makes no file called by a number", not [n for n in os.listdir(box) if n.isdigit()])
        refused(f"{option} 77, which is not open", run(box, option, "77"), USAGE, "77", option.lstrip("-")[0])
        # proctor's own are no target, whatever their numbers are.
        for number in range(3, 12):
            ran = run(box, option, str(number), "-p", "builtin:pure")
            if ran.status != USAGE or ran.out:
                h.check(f"{option} {number} is nothing that proctor has open", False, ran)
        with open("/dev/null", "rb") as reader:
            refused(
                f"{option} of a descriptor that is only read",
                run(box, option, str(reader.fileno()), pass_fds=[reader.fileno()]),
                USAGE,
                "not open for writing",
            )
        file = os.path.join(box, "appended")
        h.put(box, "appended", "before\n")
        fd = os.open(file, os.O_WRONLY | os.O_APPEND)
        ran = run(box, option, str(fd), pass_fds=[fd])
        os.close(fd)
        data = read(file)
        h.check(
            f"{option} of a file that the caller opened goes behind what is in it",
            ran.status == 0 and data.startswith(b"before\n") and is_right(option, data[7:]),
            ran,
            data,
        )
        os.unlink(file)


def closed(box):
    """A standard descriptor that the caller closed is none, although proctor holds its place."""
    for option in OPTIONS:
        script = f'exec "$0" run {option} {{}} -- "$1" solve.py {{}}>&-'
        for number, name in (1, "-"), (2, "2"), (1, "/proc/self/fd/1"):
            done = subprocess.run(
                ["/bin/sh", "-c", script.format(name, number), h.PROCTOR, h.PYTHON],
                cwd=box,
                env=h.clean_env(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            h.check(
                f"{option} {name} when that is closed: status {USAGE}, nothing ran",
                done.returncode == USAGE and done.stdout == b"",
                done,
            )


# ---------------------------------------------------------------- in place


def fifos(box):
    for option in OPTIONS:
        for linked in False, True:
            fifo, link = os.path.join(box, "fifo"), os.path.join(box, "link")
            os.mkfifo(fifo)
            os.symlink("fifo", link)
            got = []
            thread = threading.Thread(target=lambda: got.append(read(fifo)), daemon=True)
            thread.start()
            ran = run(box, option, link if linked else fifo)
            thread.join(20)
            h.check(
                f"{option} into a FIFO{' behind a link' if linked else ''}: it arrives, and the FIFO stays one",
                ran.status == 0
                and got
                and is_right(option, got[0])
                and stat.S_ISFIFO(os.lstat(fifo).st_mode)
                and os.path.islink(link),
                ran,
                got,
            )
            os.unlink(fifo)
            os.unlink(link)
    # One reader for both, one after the other.
    log, verdict, got = os.path.join(box, "log"), os.path.join(box, "verdict"), []
    os.mkfifo(log)
    os.mkfifo(verdict)
    thread = threading.Thread(target=lambda: got.extend([read(log), read(verdict)]), daemon=True)
    thread.start()
    ran = run(box, "-o", log, "--verdict", verdict)
    thread.join(20)
    h.check(
        "log and verdict into FIFOs that are read one after the other",
        ran.status == 0 and len(got) == 2 and is_right("-o", got[0]) and is_right("--verdict", got[1]),
        ran,
    )


def devices(box):
    for option in OPTIONS:
        for linked in False, True:
            path, link = device(box, "null", 3), os.path.join(box, "link")
            if not path:
                return
            os.symlink(path, link)
            ran = run(box, option, link if linked else path)
            h.check(
                f"{option} to a device{' behind a link' if linked else ''}: it stays one",
                ran.status == 0
                and ran.out == b"ran\n"
                and stat.S_ISCHR(os.lstat(path).st_mode)
                and os.path.islink(link),
                ran,
            )
            os.unlink(link)
            if ROOT:
                os.unlink(path)
    full = device(box, "full", 7)
    if full:
        ran = run(box, "--verdict", full)
        h.check(
            "--verdict to a full device: 74, and it stays one",
            ran.status == LOG and b"No space" in ran.err and stat.S_ISCHR(os.lstat(full).st_mode),
            ran,
        )


def links(box):
    os.mkdir(os.path.join(box, "d"))
    target, link = os.path.join(box, "d/real"), os.path.join(box, "link")
    for there in False, True:
        os.symlink("d/real", link)
        if there:
            an_old_verdict(target)
            held = open(target, "rb")
        ran = run(box, "--verdict", link)
        h.check(
            f"--verdict through a link to a file that is {'' if there else 'not '}there: made beside what it leads to",
            ran.status == 0
            and os.readlink(link) == "d/real"
            and is_right("--verdict", read(target))
            and not is_old(target)
            and os.listdir(os.path.join(box, "d")) == ["real"],
            ran,
        )
        if there:
            with held:
                h.check("who had the old one open still reads it, to its end", b"an earlier run" in held.read())
        os.unlink(target)
        for name in link, "dangling":
            refused(f"-o {os.path.basename(name)}, a link", run(box, "-o", "link"), USAGE, "exists already")
        h.check("and nothing was made behind it", not os.path.exists(target))
        ran = run(box, "--live", link)
        h.check(
            "--live through a link", ran.status == 0 and is_right("--live", read(target)) and os.path.islink(link), ran
        )
        os.unlink(target)
        os.unlink(link)
    os.symlink("/proc/self/cwd/planted", link)
    for option in OPTIONS:
        refused(f"{option} through /proc/self/cwd", run(box, option, link), LOG, "/proc")
    os.unlink(link)


# ---------------------------------------------------------------- what cannot be written


def impossible(box):
    h.put(box, "plain", "text\n")
    os.mkdir(os.path.join(box, "directory"))
    for option in OPTIONS:
        for name, said in (
            ("/proc/nonexistent/x", "No such file"),
            ("plain/x", "Not a directory"),
            ("directory", "Is a directory"),
            ("directory/", "Is a directory"),
            ("", "No such file"),
            ("x" * 300, "too long"),
        ):
            refused(f"{option} {name[:20]!r}", run(box, option, name), LOG, said)
    h.equal("nothing was made", sorted(os.listdir(box)), ["directory", "plain", "solve.py"])
    locked = os.path.join(box, "directory")
    os.chmod(locked, 0o555)
    os.chmod(box, 0o755)
    if not ROOT:
        for option in OPTIONS:
            refused(f"{option} in a directory that is not ours", run(box, option, "directory/x"), LOG, "denied")
    elif not reachable_by_nobody():
        h.skip("outputs of an ordinary user", "an ordinary user cannot reach this build")
    else:
        who = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        for option in OPTIONS:
            refused(f"{option} where the user may not", run(box, option, "directory/x", **who), LOG, "denied")


def reachable_by_nobody():
    return ROOT and h.native(["test", "-x", h.PROCTOR], user=NOBODY, group=NOBODY, extra_groups=[]).status == 0


# ---------------------------------------------------------------- --user, and links that were planted


def another_user(box):
    if not ROOT:
        return h.skip("--user and planted links", "needs root")
    os.chmod(box, 0o755)
    secret = h.put(h.place(), "precious", "precious\n")
    theirs, ours = os.path.join(box, "theirs"), os.path.join(box, "ours")
    os.mkdir(theirs)
    os.mkdir(ours)
    os.chown(theirs, NOBODY, NOBODY)
    for name, text in ("file", secret), ("directory", os.path.dirname(secret)), ("new", os.path.dirname(secret) + "/new"):
        os.symlink(text, os.path.join(theirs, name))
        os.lchown(os.path.join(theirs, name), NOBODY, NOBODY)
    before = sorted(os.listdir(os.path.dirname(secret)))
    for option in OPTIONS:
        for name in "file", "new", "directory/x":
            for user in (), ("--user", "nobody"):
                ran = run(box, *user, option, "theirs/" + name)
                refused(f"{' '.join(user)} {option} theirs/{name}, planted".strip(), ran, LOG)
    # With a usage error too.
    run(box, "--cpu", "soon", "--verdict", "theirs/file")
    h.equal("what the links lead to is as it was", read(secret), b"precious\n")
    h.equal("nothing was made or removed beside it", sorted(os.listdir(os.path.dirname(secret))), before)
    # A second name for somebody else's file.
    hard = os.path.join(theirs, "hard")
    os.link(h.put(box, "linked", "precious\n"), hard)
    refused("--live into a file of two names in another's directory", run(box, "--live", "theirs/hard"), LOG)
    ran = run(box, "--verdict", "theirs/hard")
    h.check("a verdict replaces the name, not the file", read(os.path.join(box, "linked")) == b"precious\n", ran)
    if not reachable_by_nobody():
        return h.skip("--user nobody", "an ordinary user cannot reach this build")
    refused(
        "--user nobody --verdict where nobody may not write",
        run(box, "--user", "nobody", "--verdict", "ours/v"),
        LOG,
        "Permission denied",
    )
    ran = run(box, "--user", "nobody", "--verdict", "theirs/v", "-o", "ours/log", "--live", "ours/live")
    made = [os.stat(os.path.join(box, name)).st_uid for name in ("theirs/v", "ours/log", "ours/live")]
    h.check(
        "--user nobody: the verdict is made as that user, log and live output as the caller",
        ran.status == 0 and ran.out == b"ran\n" and made == [NOBODY, 0, 0],
        ran,
        made,
    )
    with open(os.path.join(box, "ours/opened"), "wb") as out:
        ran = run(box, "--user", "nobody", "--verdict", str(out.fileno()), pass_fds=[out.fileno()])
    h.check(
        "--user nobody: into a descriptor that root opened", is_right("--verdict", read(os.path.join(box, "ours/opened"))), ran
    )


# ---------------------------------------------------------------- where the program writes


FORGER = """import os
for fd in 0, 1, 2:
    try: os.write(fd, b'{"v":1,"kind":"call","event":{"sequence":1,"action":"forged"}}\\n')
    except OSError: pass
"""


def shared(box):
    h.put(box, "forger.py", FORGER)
    words = ["--", h.PYTHON, "forger.py"]
    for option in OPTIONS:
        refused(f"{option} -", run(box, option, "-", words=words), USAGE, "standard output")
        name = os.path.join(box, "stdout")
        os.symlink("/proc/self/fd/1", name)
        refused(f"{option} of a link like /dev/stdout", run(box, option, name, words=words), USAGE, "standard output")
        os.unlink(name)
        # Another descriptor of the same open file, and another opening of the same file.
        r, w = os.pipe()
        again = os.dup(w)
        for stream in "stdout", "stderr":
            if stream == "stderr":
                ran = run(box, option, str(again), words=words, stderr=w, pass_fds=[again])
                # The line that says so is in the pipe too.
                h.check(f"{option} of a pipe that is stderr", ran.status == USAGE and ran.out == b"", ran)
                h.check("and it is told there", b"standard error" in os.read(r, 4096))
            else:
                ran = run(box, option, str(again), words=words, stdout=w, pass_fds=[again])
                refused(f"{option} of a pipe that is stdout", ran, USAGE, "standard output")
        for fd in r, w, again:
            os.close(fd)
        for name, flags in ("file", os.O_CREAT | os.O_APPEND), ("fifo", 0):
            path = os.path.join(box, name)
            if name == "fifo":
                os.mkfifo(path)
            own = os.open(path, os.O_RDWR | flags | os.O_NONBLOCK, 0o600)
            other = os.open(path, os.O_WRONLY | flags | os.O_NONBLOCK, 0o600)
            refused(
                f"{option} of a {name} that was opened twice",
                run(box, option, str(other), words=words, stdout=own, pass_fds=[other]),
                USAGE,
                "standard output",
            )
            if name == "fifo" or option != "-o":
                refused(f"{option} of that {name} by its name", run(box, option, path, words=words, stdout=own), USAGE)
            os.close(own)
            os.close(other)
            os.unlink(path)
        a, b = socket.socketpair()
        again = os.dup(b.fileno())
        ran = run(box, option, str(again), words=words, stdin=b, pass_fds=[again])
        refused(f"{option} of a socket that is stdin", ran, USAGE, "standard input")
        os.close(again)
        a.close()
        b.close()
        sink = device(box, "null", 3)
        if sink:
            with open(os.devnull, "wb") as null:
                ran = run(box, option, sink, stdout=null, stderr=null)
            h.check(f"{option} to /dev/null beside output to /dev/null", ran.status == 0, ran)
            if ROOT:
                os.unlink(sink)
    os.symlink("/proc/self/fd/2", os.path.join(box, "stderr"))
    for number in "2", "stderr":
        refused_log = run(box, "-o", number, words=words)
        refused(f"-o {number}", refused_log, USAGE, "standard error")
        refused(f"--verdict {number}", run(box, "--verdict", number, words=words), USAGE, "standard error")
        ran = run(box, "--live", number)
        h.check(
            f"--live {number}, for a person: as -v", ran.status == 0 and b"/etc/passwd" in ran.err and ran.out == b"ran\n", ran
        )


def terminals(box):
    """What a person does: proctor run -v at a terminal. A log there is refused."""
    if h.no_terminal():
        return h.skip("at a terminal", h.no_terminal())
    script = "\n".join(
        (
            'cd "$2"',
            '"$0" run -v -- "$1" solve.py; echo "-v: $?"',
            '"$0" run --live 2 -- "$1" solve.py; echo "live: $?"',
            '"$0" run -o /dev/tty -- "$1" solve.py; echo "tty: $?"',
            '"$0" run -o 3 -- "$1" solve.py 3>/dev/tty; echo "fd: $?"',
            '"$0" run -o "$(tty)" -- "$1" solve.py; echo "pts: $?"',
            '"$0" run --live 3 -- "$1" solve.py 3>"$(tty)" >/dev/null 2>/dev/tty; echo "mixed: $?"',
            "exit",
        )
    )
    pid, master = pty.fork()
    if pid == 0:
        os.execve("/bin/sh", ["/bin/sh", "-c", script, h.PROCTOR, h.PYTHON, box], h.clean_env(NO_COLOR="1"))
    seen = b""
    try:
        while True:
            data = os.read(master, 4096)
            if not data:
                break
            seen += data
    except OSError:
        pass
    os.waitpid(pid, 0)
    os.close(master)
    text = seen.decode(errors="replace").replace("\r", "")
    for name, status in ("-v", 0), ("live", 0), ("tty", USAGE), ("fd", USAGE), ("pts", USAGE), ("mixed", USAGE):
        h.check(f"at a terminal: {name}: {status}", f"{name}: {status}\n" in text, text)
    h.check("at a terminal: only -v and --live 2 ran", text.count("ran\n") == 2, text)


def clashes(box):
    for options in (
        ("-o", "x", "--verdict", "x"),
        ("-o", "x", "--live", "./x"),
        ("--verdict", "x", "--live", "x"),
        ("-o", "fifo", "--verdict", "fifo"),
    ):
        if "fifo" in options and not os.path.exists(os.path.join(box, "fifo")):
            os.mkfifo(os.path.join(box, "fifo"))
        refused(" ".join(options), run(box, *options), USAGE, "the same file")
    r, w = os.pipe()
    refused("-o and --verdict into one pipe", run(box, "-o", str(w), "--verdict", f"/dev/fd/{w}", pass_fds=[w]), USAGE)
    os.close(r)
    os.close(w)
    h.put(box, "log", "evidence\n")
    refused("a log that is there, and a verdict over it", run(box, "-o", "log", "--verdict", "log"), USAGE)
    h.equal("the log is as it was", read(os.path.join(box, "log")), b"evidence\n")
    for words in (["--", h.PYTHON, "solve.py"], ["--", h.PYTHON, "other.py", "solve.py"]):
        refused("--verdict over what the run reads", run(box, "--verdict", "solve.py", words=words), USAGE)
    run(box, "--verdict", "solve.py", words=[])
    h.equal("the script is as it was", read(os.path.join(box, "solve.py")), REFUSED.encode())


# ---------------------------------------------------------------- verdicts of earlier runs


def earlier(box):
    verdict = os.path.join(box, "v.json")
    h.put(box, "log", "")
    h.put(box, "bad.yaml", "version: 1\nnonsense: 1\n")
    h.put(box, "data", "no script\n")
    good = ["--", h.PYTHON, "solve.py"]
    cases = [
        ("the log exists", ["-o", "log"], good),
        ("the log cannot be made", ["-o", "/proc/nonexistent/log"], good),
        ("the log would be forged", ["-o", "-"], good),
        ("the live output cannot be made", ["--live", "/proc/nonexistent/live"], good),
        ("no such script", [], ["nothing.py"]),
        ("no such interpreter", ["--python", "/proc/nonexistent/python"], ["solve.py"]),
        ("no such program", [], ["--", "no-such-program-here"]),
        ("not executable", [], ["--", "./data"]),
        ("a bad policy", ["-p", "bad.yaml"], good),
        ("no such policy", ["-p", "nothing.yaml"], good),
        ("a bad limit behind it", ["--cpu", "soon"], good),
        ("an unknown option behind it", ["--nonsense"], good),
        ("no program", [], []),
        ("no such user", ["--user", "no-such-user-here"], good),
    ]
    if not ROOT:
        cases.append(("--user without root", ["--user", "root"], good))
    for sentence, options, words in cases:
        for given in ["--verdict", verdict, *options], [*options, "--verdict", verdict]:
            an_old_verdict(verdict)
            ran = run(box, *given, words=words)
            h.check(
                f"{sentence} ({'--verdict first' if given[0] == '--verdict' else '--verdict last'}): "
                "no verdict of an earlier run is left",
                ran.status not in (0, "TIMEOUT") and not is_old(verdict),
                ran,
            )
    if os.path.exists(verdict):
        os.unlink(verdict)
    # Linked too, and what is no file stays.
    an_old_verdict(verdict)
    os.symlink("v.json", os.path.join(box, "link"))
    ran = run(box, "--verdict", "link", words=["nothing.py"])
    h.check("through a link: the file goes, the link stays", not is_old(verdict) and os.path.islink(box + "/link"), ran)
    os.mkfifo(os.path.join(box, "fifo"))
    ran = run(box, "--verdict", "fifo", words=["nothing.py"])
    h.check("a FIFO stays", ran.status == MISSING and stat.S_ISFIFO(os.lstat(box + "/fifo").st_mode), ran)
    # While the program runs there is none.
    an_old_verdict(verdict)
    child = subprocess.Popen(
        [h.PROCTOR, "run", "--verdict", verdict, "--", h.PYTHON, "-c", "print(1, flush=True); input()"],
        cwd=box,
        env=h.clean_env(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    child.stdout.readline()
    h.check("while the program runs there is none", not os.path.exists(verdict))
    child.kill()
    child.communicate()
    h.check("and none is left when proctor is killed", not os.path.exists(verdict))
    # A command line that is wrong removes verdicts only.
    h.put(box, "thesis", "precious\n")
    run(box, "--cpu", "soon", "--verdict", "thesis")
    run(box, "--verdict", "thesis", words=[])
    h.equal("wrong use removes nothing but a verdict", read(os.path.join(box, "thesis")), b"precious\n")
    ran = run(box, "--verdict", "thesis")
    h.check("a good one replaces whatever file it is", ran.status == 0 and is_right("--verdict", read(box + "/thesis")), ran)
    h.equal("no temporary file is left", [n for n in os.listdir(box) if "tmp" in n], [])
    ran = run(box, "--help", "--verdict", an_old_verdict(verdict))
    h.check("--help removes nothing", ran.status == 0 and is_old(verdict), ran)


def main():
    for part in descriptors, closed, fifos, devices, links, impossible, another_user, shared, terminals, clashes, earlier:
        h.title(part.__name__)
        box = h.place()
        h.put(box, "solve.py", REFUSED)
        part(box)
    h.equal("no process is left", h.survivors(), [])
    h.finish()


main()
