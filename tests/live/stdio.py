#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""stdin, stdout and stderr pass through untouched: pipes, files, terminals, sockets, closed ones;
interactive use; signals to proctor end the program and still write log and verdict.
"""

import fcntl
import hashlib
import json
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import termios
import time

sys.dont_write_bytecode = True
import harness as h

ECHO = r"""
import os, sys
data = sys.stdin.buffer.read() if sys.stdin else b'closed'
os.write(1, b'out:' + data) if sys.stdout else None
os.write(2, b'err:' + data[::-1]) if sys.stderr else None
"""

FACTS = r"""
import fcntl, json, os, sys
def facts(fd):
    try: st = os.fstat(fd)
    except OSError as e: return e.errno
    return [st.st_dev, st.st_ino, fcntl.fcntl(fd, fcntl.F_GETFL), os.isatty(fd), fcntl.fcntl(fd, fcntl.F_GETFD)]
text = json.dumps([[facts(i) for i in range(3)], [str(f) if f is None else f.fileno() for f in (sys.stdin, sys.stdout, sys.stderr)]])
sys.stderr.write(text) if sys.stderr else sys.stdout.write(text) if sys.stdout else None
"""

GREET = r"""
import sys
while True:
    try: name = input('name? ')
    except EOFError: print('bye'); break
    print('hello', name)
"""

SLEEPS = (23, 35, 230, 270)  # select, nanosleep, clock_nanosleep, pselect6: what time.sleep is
WAIT = r"""
import sys, time
HANDLER
try: open('/etc/passwd')
except OSError: pass
try:
    print('ready', flush=True)
    time.sleep(60)
finally:
    print('cleaning up', flush=True)
"""


def pipes_and_files(box):
    script = h.put(box, "echo.py", ECHO)
    every = bytes(range(256)) * 300 + b"\r\n\0\xff\xfe"
    run = h.proctor([h.PYTHON, script], stdin=every, cwd=box)
    h.check(
        "binary data through pipes", (run.status, run.out, run.err) == (0, b"out:" + every, b"err:" + every[::-1]), run
    )
    place = h.place()
    h.put(place, "in", every)
    with open(place + "/in", "rb") as i, open(place + "/out", "wb") as o, open(place + "/err", "wb") as e:
        run = h.proctor([h.PYTHON, script], stdin=i, stdout=o, stderr=e, cwd=box)
    with open(place + "/out", "rb") as o, open(place + "/err", "rb") as e:
        h.check(
            "binary data through files",
            (run.status, o.read(), e.read()) == (0, b"out:" + every, b"err:" + every[::-1]),
            run,
        )
    with open(place + "/in", "rb") as i, open(place + "/out", "ab") as o:
        run = h.proctor([h.PYTHON, script], stdin=i, stdout=o, cwd=box)
    h.check("a file opened for appending is appended to", os.path.getsize(place + "/out") == 2 * (len(every) + 4), run)
    seeks = ("import fcntl, os, sys; os.lseek(1, 0, 0); os.write(1, b'b'); print(os.lseek(0, 2, 0), os.lseek(0, 0, 1), file=sys.stderr)\n"
             "fcntl.fcntl(1, fcntl.F_SETFL, fcntl.fcntl(1, fcntl.F_GETFL))\nfcntl.fcntl(1, fcntl.F_SETFL, 0)")
    h.put(place, "seeks", b"a")
    with open(place + "/in", "rb") as i, open(place + "/seeks", "ab") as o:
        run = h.proctor([h.PYTHON, "-c", seeks], stdin=i, stdout=o, cwd=box)
    with open(place + "/seeks", "rb") as o:
        h.check("and nothing is overwritten; to seek is no call that stops, to append no more is refused",
                (o.read(), run.err.startswith(b"2 2\n"), [r["syscall"]["args"][:2] for r in run.refused()],
                 "lseek" in {s["name"] for r in run.records for s in r.get("syscalls", ())}) == (b"ab", True, [["1", "F_SETFL"]], False), run)
    with open(place + "/both", "w+b") as both:
        run = h.proctor([h.PYTHON, script], stdin=b"abc", stdout=both, stderr=subprocess.STDOUT, cwd=box)
        both.seek(0)
        h.equal("stdout and stderr in one file", both.read(), b"out:abcerr:cba")
    with open(place + "/in", "rb") as i:
        i.seek(1000)
        os.lseek(i.fileno(), 1000, 0)
        run = h.proctor([h.PYTHON, "-c", "import os; os.read(0, 24)"], stdin=i, cwd=box)
        h.equal("the offset of stdin is shared with the caller", os.lseek(i.fileno(), 0, 1), 1024)
    a, b = socket.socketpair()
    b.sendall(b"by socket")
    b.shutdown(socket.SHUT_WR)
    run = h.proctor([h.PYTHON, script], stdin=a, stdout=a, cwd=box)
    a.close()
    h.equal("sockets as stdin and stdout", b.recv(100), b"out:by socket")
    facts = h.put(box, "facts.py", FACTS)
    with open(place + "/in", "rb") as i, open(place + "/x", "wb") as o:
        bare, run = (runner([h.PYTHON, facts], stdin=i, stdout=o, cwd=box) for runner in (h.native, h.proctor))
    told = []
    for text in bare.err, run.err:
        descriptors, streams = json.loads(text)
        del descriptors[2][1]  # each run has a pipe of its own as stderr
        told.append((descriptors, streams))
    h.equal("descriptors, flags and files are those of a native run", told[1], told[0])


def let_go(box):
    """Pipes end when the program closes them, not when proctor ends."""
    for runner in "natively", "under proctor":
        words = [h.PYTHON, h.put(box, "close.py", "import os, time\nos.close(0); os.close(1)\nwhile True: time.sleep(600)\n")]
        argv = words if runner == "natively" else h.command(words, log=False, verdict=False)[0]
        child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=h.clean_env())
        ready = select.select([child.stdout], [], [], 60)[0]
        h.check(f"{runner}: whoever reads learns that the output is closed", ready and child.stdout.read(1) == b"")
        poll = select.poll()
        poll.register(child.stdin, 0)
        h.check(f"{runner}: whoever writes learns that the input is", [e for _, e in poll.poll(60000) if e & select.POLLERR])
        h.check(f"{runner}: the program is still there", child.poll() is None)
        child.terminate()
        child.wait()


def closed(box):
    facts = h.put(box, "facts.py", FACTS)
    for which in ((0,), (1,), (2,), (0, 1), (0, 2), (0, 1, 2)):

        def close():
            for fd in which:
                os.close(fd)

        results = []
        for runner in h.native, h.proctor:
            # Where nothing can be told, the exit status has to do.
            text = (
                FACTS
                + "\nsys.stdout.flush() if sys.stdout else None\nos._exit(40 + sum(f is None for f in (sys.stdin, sys.stdout, sys.stderr)))\n"
            )
            script = h.put(box, "closed.py", text.replace("st.st_dev, st.st_ino, ", ""))
            results.append(runner([h.PYTHON, script], cwd=box, preexec_fn=close))
        bare, run = results
        h.check(
            f"closed: {which}",
            bare.status == 40 + len(which) and (run.status, run.out, run.err) == (bare.status, bare.out, bare.err),
            bare,
            run,
        )
        h.check(
            f"closed: {which}: log and verdict are whole",
            run.verdict.get("exit", {}).get("code") == 40 + len(which) and run.last("end"),
            run.verdict,
        )
        h.check(
            f"closed: {which}: no file of proctor's is in their place",
            run.verdict.get("violations") == 0,
            run.refused()[:2],
        )


def reader_gone(box):
    script = h.put(box, "yes.py", "import sys\nwhile True: print('y' * 1000)\n")
    for python in (h.PYTHON,):
        for runner, name in (
            (
                lambda: subprocess.Popen(
                    [python, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=h.clean_env()
                ),
                "native",
            ),
            (lambda: h.start([python, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE), "proctor"),
        ):
            child = runner()
            child.stdout.read(10)
            child.stdout.close()
            err = child.stderr.read()
            status = child.wait(20)
            if name == "native":
                bare = status, err
            else:
                h.check(
                    "the reader of stdout goes away: BrokenPipeError as natively",
                    # CPython ends with 1 when print() meets it, with 120 when the last flush does: which
                    # of the two depends on when the reader's end is closed.
                    {status, bare[0]} <= {1, 120} and b"BrokenPipe" in err and b"BrokenPipe" in bare[1],
                    bare,
                    status,
                    err,
                )
                with open(child.log_path, "rb") as log:
                    h.check("and the log is complete", b'"kind":"end"' in log.read())


def huge(box):
    script = h.put(
        box, "huge.py", "import sys\nb = bytes(range(256)) * 4096\nfor i in range(200): sys.stdout.buffer.write(b)\n"
    )
    for options in (), ("--output", "1GiB"):
        child = h.start([h.PYTHON, script], *options, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        digest, size = hashlib.sha1(), 0
        while chunk := child.stdout.read1(1 << 20):
            digest.update(chunk)
            size += len(chunk)
        want = hashlib.sha1(bytes(range(256)) * 4096 * 200).hexdigest()
        h.check(
            f"200 MiB of output, every byte ({' '.join(options) or 'no limit'})",
            child.wait(20) == 0 and size == 200 << 20 and digest.hexdigest() == want,
            size,
        )


class Terminal:
    """proctor in a session of its own, with a pseudo-terminal as its stdin, stdout and stderr."""

    def __init__(self, words, *options, box):
        argv, self.log_path, self.verdict_path = h.command(words, *options)
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.chdir(box)
            os.execve(argv[0], argv, h.clean_env(TERM="dumb"))
        self.seen = b""

    def until_asleep(self):
        """Until the program has said that it is ready, and sleeps."""
        self.until(b"ready")
        for program in h.children_of(self.pid):
            h.waits_in(program, *SLEEPS)

    def until(self, text, seconds=15):
        end = time.monotonic() + seconds
        while text not in self.seen and time.monotonic() < end:
            if not select.select([self.master], [], [], 0.2)[0]:
                continue
            try:
                chunk = os.read(self.master, 65536)
            except OSError:
                break
            if not chunk:
                break
            self.seen += chunk
        return text in self.seen

    def type(self, text):
        os.write(self.master, text)

    def wait(self, seconds=15):
        """The exit status (negative: signal); everything that came is in .seen."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.until(b"\0never\0", 0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.until(b"\0never\0", 0.05)
                os.close(self.master)
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        return "TIMEOUT"

    def run(self, status):
        return h.Run(status, self.seen, b"", 0, self.log_path, self.verdict_path)


def terminals(box):
    script = h.put(box, "greet.py", GREET)
    t = Terminal([h.PYTHON, script], box=box)
    asked = t.until(b"name? ")
    t.type(b"Ada\n")
    h.check("a prompt, a line, an answer", asked and t.until(b"hello Ada"), t.seen)
    t.type(b"x\x7fyz\x15Grace\n")
    h.check("the terminal edits the line: backspace, Ctrl-U", t.until(b"hello Grace"), t.seen)
    t.type(b"\x04")
    h.check("Ctrl-D is the end", t.wait() == 0 and b"bye" in t.seen, t.seen)
    t = Terminal([h.PYTHON, "-q"], box=box)
    t.until(b">>> ")
    t.type(b"6 * 7\n")
    h.check("Python's own prompt", t.until(b"42"), t.seen)
    t.type(b"open('/etc/passwd')\n")
    h.check("refuses and goes on", t.until(b"PermissionError"), t.seen)
    t.type(b"import time; print('sleep' + 'ing'); time.sleep(60)\n")
    t.until(b"sleeping")
    t.type(b"\x03")
    h.check("Ctrl-C interrupts the statement, not the session", t.until(b"KeyboardInterrupt"), t.seen)
    t.type(b"'go' + 'ing on'\n")
    went_on = t.until(b"going on", 5)
    h.check("and the prompt goes on, as natively", went_on, t.seen[-300:])
    t.type(b"exit(6)\n")
    h.check("exit(6)", t.wait() == 6, t.seen[-300:])
    t = Terminal(
        [
            h.PYTHON,
            "-c",
            "import os, sys, termios; print(os.isatty(0), os.isatty(1), os.ttyname.__name__, os.get_terminal_size(0), "
            "termios.tcgetattr(0)[6][0]); sys.stdout.write('é\\n')",
        ],
        box=box,
    )
    fcntl.ioctl(t.master, termios.TIOCSWINSZ, b"\x1e\x00\x64\x00\0\0\0\0")
    h.check("it is a terminal, with its settings", t.wait() == 0 and b"True True" in t.seen, t.seen)
    t = Terminal([h.PYTHON, h.put(box, "wait.py", WAIT.replace("HANDLER", ""))], box=box)
    t.until_asleep()
    begin = time.monotonic()
    t.type(b"\x03")
    run = t.run(t.wait())
    h.check(
        "Ctrl-C: KeyboardInterrupt, its finally, and the program's own end",
        run.status == 130
        and b"cleaning up" in run.out
        and b"KeyboardInterrupt" in run.out
        and time.monotonic() - begin < 2 + h.MARGIN,
        run,
    )
    complete(run, "Ctrl-C", "SG")
    t = Terminal([h.PYTHON, h.put(box, "wait.py", WAIT.replace("HANDLER", ""))], box=box)
    t.until_asleep()
    t.type(b"\x1c")
    run = t.run(t.wait())
    h.check("Ctrl-\\ ends it by SIGQUIT", run.status == 131 and b"cleaning up" not in run.out, run)
    complete(run, "Ctrl-\\", "SG")


def complete(run, name, status):
    verdict, end = run.verdict, run.last("end")
    digest = hashlib.sha256(open(run.log_path, "rb").read()).hexdigest()
    h.check(
        f"{name}: log and verdict are whole",
        end
        and end["status"] == status == verdict.get("status")
        and verdict["log"]["sha256"] == digest
        and verdict["violations"] == 1,
        verdict,
        end,
    )


def signals_to_proctor(box):
    for name in "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT":
        number = int(getattr(signal, name))
        for how, handler in (
            ("takes it as it comes", ""),
            ("ignores it", f"import signal; signal.signal({number}, signal.SIG_IGN)"),
        ):
            script = h.put(box, "wait.py", WAIT.replace("HANDLER", handler))
            child = h.start(
                [h.PYTHON, script], cwd=box, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            child.stdout.readline()
            tracee = h.children_of(child.pid)
            h.waits_in(tracee[0], *SLEEPS)
            begin = time.monotonic()
            child.send_signal(number)
            run = h.ended(child)
            gone = not h.wait_for(lambda: None if any(h.stat_fields(p) for p in tracee) else True, 0.5) is None
            quick = time.monotonic() - begin < (0.5 if not handler else 2.2) + h.MARGIN
            h.check(
                f"{name} to proctor, the program {how}: it ends, proctor too",
                run.status == 128 + (9 if handler else number) and gone and quick,
                run,
                time.monotonic() - begin,
            )
            complete(run, f"{name}, the program {how}", "SG")
            h.equal(f"{name}: the verdict says that proctor was asked to stop", run.verdict.get("interrupted"), name)
    script = h.put(box, "wait.py", WAIT.replace("HANDLER", "import signal; signal.signal(15, signal.SIG_IGN)"))
    child = h.start(
        [h.PYTHON, script], cwd=box, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    child.stdout.readline()
    begin = time.monotonic()
    child.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    child.send_signal(signal.SIGINT)
    run = h.ended(child)
    h.check(
        "a second signal does not wait for the program",
        time.monotonic() - begin < 0.8 + h.MARGIN and run.verdict.get("status") == "SG",
        run,
    )
    # SIGTERM before the program runs at all.
    worst = 0
    for i in range(8):
        child = h.start(
            [h.PYTHON, script], cwd=box, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        time.sleep(0.004 * i)
        child.send_signal(signal.SIGTERM)
        begin = time.monotonic()
        run = h.ended(child)
        worst = max(worst, time.monotonic() - begin)
        h.check(f"SIGTERM after {4 * i} ms: an end, whole or before the start", run.status in (-15, 143, 137), run)
    h.check("each within the grace of two seconds", worst < 2.2 + h.MARGIN, worst)


def hang_up(box):
    t = Terminal([h.PYTHON, h.put(box, "wait.py", WAIT.replace("HANDLER", ""))], box=box)
    t.until_asleep()
    tracee = h.children_of(t.pid)
    os.close(t.master)
    end = time.monotonic() + 10
    status = None
    while time.monotonic() < end and status is None:
        pid, code = os.waitpid(t.pid, os.WNOHANG)
        status = os.waitstatus_to_exitcode(code) if pid else None
        time.sleep(0.02)
    run = t.run(status)
    h.check(
        "the terminal hangs up: program and proctor end",
        status is not None and not any(h.stat_fields(p) for p in tracee),
        run,
    )
    complete(run, "a hang-up", run.verdict.get("status"))


def main():
    box = h.place()
    pipes_and_files(box)
    let_go(box)
    closed(box)
    reader_gone(box)
    huge(box)
    no_terminal = h.no_terminal()
    if no_terminal:
        h.skip("at a terminal: prompts, Ctrl-C, Ctrl-\\, a hang-up", no_terminal)
    else:
        terminals(box)
        hang_up(box)
    signals_to_proctor(box)
    h.equal("no process is left", h.survivors(), [])
    h.finish()


main()
