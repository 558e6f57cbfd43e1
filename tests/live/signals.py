#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Signals and timers: storms of them during opens, calls that they interrupt, with and without
SA_RESTART, and calls that are checked again when they are restarted; stops and continues from
outside and from the terminal; signals that end the program.
"""

import json
import os
import pty
import signal
import subprocess
import sys
import termios
import time

sys.dont_write_bytecode = True
import harness as h

STORM = r"""
import os, signal, threading, time
count = 0
def on(*a):
    global count; count += 1
signal.signal(signal.SIGALRM, on); signal.siginterrupt(signal.SIGALRM, RESTART)
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
bad = done = 0
end = time.monotonic() + 20
# Until two hundred signals have come in between, however slow the machine is.
while (count < 200 or done < 800) and time.monotonic() < end:
    done += 1
    with open('data') as f: bad += f.read() != 'data\n'
    bad += os.stat('data').st_size != 5
    bad += os.readlink('link') != 'data'
    bad += os.listdir('sub') != ['inner']
    try: open('/etc/passwd'); bad += 1
    except PermissionError: pass
    try: open('nothing'); bad += 1
    except FileNotFoundError: pass
signal.setitimer(signal.ITIMER_REAL, 0)
print(bad, count >= 200, done >= 800)
"""

# The whole of a restart in the kernel's own terms: the handler returns to the call itself.
FIFO = r"""
import ctypes, errno, os, signal, sys, threading
libc = ctypes.CDLL(None, use_errno=True)
path = ctypes.create_string_buffer(b'fifo'.ljust(64, b'\0'), 64)
HANDLER = ctypes.CFUNCTYPE(None, ctypes.c_int)
class Action(ctypes.Structure):
    _fields_ = [('handler', HANDLER), ('mask', ctypes.c_ulong * 16), ('flags', ctypes.c_int), ('restorer', ctypes.c_void_p)]
seen = []
def on(n):
    seen.append(n)
    if len(seen) == 3: CHANGE
handler = HANDLER(on)
action = Action(handler, (ctypes.c_ulong * 16)(), 0x10000000 if sys.argv[1] == 'restart' else 0, None)
assert libc.sigaction(signal.SIGUSR1, ctypes.byref(action), None) == 0
main = threading.main_thread().ident
def poke():
    # A signal while the first thread waits for the FIFO's other end, three times.
    import time
    for i in range(3):
        time.sleep(0.1); signal.pthread_kill(main, signal.SIGUSR1)
        if sys.argv[1] != 'restart': break
threading.Thread(target=poke).start()
libc.openat.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
fd = libc.openat(-100, ctypes.addressof(path), 0)
e = errno.errorcode[ctypes.get_errno()] if fd < 0 else None
print(e, len(seen), os.read(fd, 5) if fd >= 0 else None, path.value)
"""

SLEEP = r"""
import signal, time, os, select, threading
hits = []
signal.signal(signal.SIGALRM, lambda *a: hits.append(1)); signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
a = time.monotonic(); time.sleep(0.5); b = time.monotonic()
r, w = os.pipe()
select.select([r], [], [], 0.2); threading.Event().wait(0.2); select.epoll().poll(0.1)
signal.setitimer(signal.ITIMER_REAL, 0)
print(b - a >= 0.5, len(hits) > 5)
"""

# Each signal once, as the program sees it, and where it comes from.
ALL = r"""
import os, signal
got = []
for s in sorted(signal.valid_signals()):
    if s in (signal.SIGKILL, signal.SIGSTOP): continue
    try: signal.signal(s, lambda n, f: got.append(int(n)))
    except OSError: continue
    os.kill(os.getpid(), s)
print(got)
"""

MASKS = r"""
import signal
print(sorted(map(int, signal.pthread_sigmask(signal.SIG_BLOCK, []))),
      [int(s) for s in sorted(signal.valid_signals()) if signal.getsignal(s) == signal.SIG_IGN])
"""

TICKER = r"""
import sys, time
for i in range(200):
    open('data').close(); print(i, flush=True); time.sleep(0.02)
"""


def storms(box):
    for restart in False, True:
        script = h.put(box, "storm.py", STORM.replace("RESTART", str(not restart)))
        for options in ((), ("--calls", "all"))[: 1 if restart else 2]:
            run = h.proctor([h.PYTHON, script], *options, cwd=box, timeout=60)
            what = " ".join(options) or "--calls brokered"
            h.check(
                f"a timer's signals while files are opened, {'with' if restart else 'without'} SA_RESTART ({what})",
                run.status == 0 and run.out == b"0 True True\n",
                run,
            )
            opens = [r for r in run.calls("openat") if r["syscall"]["args"][1] == '"data"']
            h.check("every one of the opens is in the log", len(opens) >= 800, len(opens))


def fifos(box):
    os.mkfifo(box + "/fifo")
    plain = h.put(box, "fifo.py", FIFO.replace("CHANGE", "print('three', flush=True)"))
    run = h.proctor([h.PYTHON, plain, "no"], cwd=box, timeout=20)
    h.check(
        "an interrupted open without SA_RESTART: EINTR", run.status == 0 and run.out == b"EINTR 1 None b'fifo'\n", run
    )
    records = [
        r
        for r in run.calls("openat")
        if "fifo\"" in r["syscall"]["args"][1] and r["syscall"].get("errno") == "ERESTARTSYS"
    ]
    # What the kernel answers before it knows whether there is a handler; strace(1) says the same.
    h.check("and the record says that it was interrupted", len(records) == 1, run.calls("openat")[-3:])

    def opened_from_outside(script, *words):
        child = h.start(
            [h.PYTHON, script, *words],
            cwd=box,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        first = child.stdout.readline()
        try:
            fd = os.open(box + "/fifo", os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            fd = None
            end = time.monotonic() + 2
            while fd is None and time.monotonic() < end and child.poll() is None:
                time.sleep(0.02)
                try:
                    fd = os.open(box + "/fifo", os.O_WRONLY | os.O_NONBLOCK)
                except OSError:
                    pass
        if fd is not None:
            os.write(fd, b"hello")
            os.close(fd)
        return h.ended(child, out=first)

    run = opened_from_outside(plain, "restart")
    h.check(
        "restarted three times with SA_RESTART, it opens the FIFO",
        run.status == 0 and run.out == b"None 3 b'hello' b'fifo'\n",
        run,
    )
    records = [r for r in run.calls("openat") if r["syscall"]["args"][1] == '"fifo"']
    h.check(
        "each restart is a call of its own, checked and recorded",
        len(records) == 4
        and [r["syscall"].get("ret") for r in records[:3]] != [3] * 3
        and records[3]["syscall"]["ret"] >= 3,
        [r["syscall"] for r in records],
    )
    swap = h.put(box, "swap.py", FIFO.replace("CHANGE", "ctypes.memmove(path, b'/etc/passwd\\0', 12)"))
    run = h.proctor([h.PYTHON, swap, "restart"], cwd=box, timeout=20)
    h.check(
        "the path that a handler changed is checked again: refused",
        run.status == 0
        and run.out == b"EACCES 3 None b'/etc/passwd'\n"
        and [r["file"]["path"] for r in run.refused()] == ["/etc/passwd"],
        run,
    )


def stops(box):
    ticker = h.put(box, "ticker.py", TICKER)

    def state(pid):
        fields = h.stat_fields(pid)
        return fields and fields[0].decode()

    for who in "program", "proctor", "both":
        child = h.start(
            [h.PYTHON, ticker], cwd=box, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        child.stdout.readline()
        tracee = h.wait_for(lambda: h.children_of(child.pid))[0]
        pids = {"program": [tracee], "proctor": [child.pid], "both": [tracee, child.pid]}[who]
        for round_ in range(2):
            for pid in pids:
                os.kill(pid, signal.SIGSTOP)
            stopped = h.wait_for(lambda: all(state(p) in ("t", "T") for p in pids) or None, 5)
            # What is in the pipe already is taken; then nothing more may come.
            os.set_blocking(child.stdout.fileno(), False)
            time.sleep(0.15)
            while child.stdout.read1(65536) if child.stdout.peek() else os_read(child):
                pass
            time.sleep(0.2)
            h.check(f"SIGSTOP to {who}: it stands still", stopped and not os_read(child), [state(p) for p in pids])
            os.set_blocking(child.stdout.fileno(), True)
            for pid in reversed(pids):
                os.kill(pid, signal.SIGCONT)
            h.check(f"SIGCONT: it goes on", child.stdout.readline() != b"")
        run = h.ended(child)
        h.check(
            f"SIGSTOP and SIGCONT to {who}: it ends as if nothing had been",
            run.status == 0 and run.out.endswith(b"199\n") and run.verdict.get("status") == "OK",
            run,
        )
    raised = h.put(
        box,
        "raised.py",
        "import os, signal\nprint('a', flush=True)\nos.kill(os.getpid(), signal.SIGSTOP)\nopen('data').close()\nprint('b')\n",
    )
    child = h.start(
        [h.PYTHON, raised], cwd=box, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    child.stdout.readline()
    tracee = h.children_of(child.pid)[0]
    h.check(
        "SIGSTOP by itself stops it",
        h.wait_for(lambda: state(tracee) in ("t", "T"), 5) and child.poll() is None,
        state(tracee),
    )
    time.sleep(0.1)
    os.kill(tracee, signal.SIGCONT)
    run = h.ended(child)
    h.check("and SIGCONT from outside lets it go on", run.status == 0 and run.out == b"b\n", run)
    child = h.start(
        [h.PYTHON, raised],
        "--wall",
        "600ms",
        cwd=box,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    run = h.ended(child)
    h.check(
        "a stopped program is ended by the wall limit",
        run.verdict.get("status") == "TO" and run.seconds < 0.6 + h.MARGIN,
        run,
    )


def os_read(child):
    try:
        return os.read(child.stdout.fileno(), 65536)
    except BlockingIOError:
        return b""


def terminal_stop(box):
    """Ctrl-Z in a job-control shell's place: the group stops, SIGCONT continues it."""
    if h.no_terminal():
        return h.skip("Ctrl-Z at a terminal", h.no_terminal())
    pid, master = pty.fork()
    if pid == 0:
        # A session whose leader waits, as a shell does; the job is a group of its own in the foreground.
        job = os.fork()
        if job == 0:
            os.setpgid(0, 0)
            signal.signal(signal.SIGTTOU, signal.SIG_IGN)
            os.tcsetpgrp(0, os.getpgrp())
            signal.signal(signal.SIGTTOU, signal.SIG_DFL)
            os.chdir(box)
            argv, *_ = h.command([h.PYTHON, "ticker.py"], log=False, verdict=False)
            os.execve(argv[0], argv, h.clean_env())
        while True:
            _, status = os.waitpid(job, os.WUNTRACED)
            if os.WIFSTOPPED(status):
                os.write(1, b"[job stopped]")
                time.sleep(0.3)
                os.write(1, b"[job continues]")
                os.killpg(job, signal.SIGCONT)
            else:
                os.write(1, b"[job ended %d]" % os.waitstatus_to_exitcode(status))
                os._exit(0)
    seen, end, sent = b"", time.monotonic() + 30, False
    while time.monotonic() < end:
        try:
            chunk = os.read(master, 4096)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
        if not sent and b"10\r\n" in seen:
            os.write(master, b"\x1a")
            sent = True
        if b"[job ended" in seen:
            break
    os.close(master)
    os.waitpid(pid, 0)
    between = seen.partition(b"[job stopped]")[2].partition(b"[job continues]")[0]
    h.check(
        "Ctrl-Z on a terminal stops proctor and program", b"[job stopped]" in seen and not between.strip(), seen[-300:]
    )
    h.check("and it is continued to its end", b"199\r\n" in seen and b"[job ended 0]" in seen, seen[-300:])


def deaths(box):
    for name in "SIGTERM", "SIGSEGV", "SIGUSR1", "SIGPIPE", "SIGALRM", "SIGXCPU", "SIGSYS", "SIGTRAP", "SIGRTMIN":
        number = int(getattr(signal, name))
        script = h.put(
            box,
            "dies.py",
            f"import os, signal\nsignal.signal({number}, signal.SIG_DFL)\nos.kill(os.getpid(), {number})\nimport time; time.sleep(5)\n",
        )
        run = h.proctor([h.PYTHON, script], cwd=box)
        fatal = [r for r in run.records if r["kind"] == "signal" and r["fatal"]]
        h.check(
            f"ended by {name}: status {128 + number}, verdict and log say so",
            run.status == 128 + number
            and run.verdict.get("status") == "SG"
            and fatal
            and fatal[-1]["signal"]["number"] == number
            and run.verdict["exit"]["signal"] == fatal[-1]["signal"]["name"],
            run,
        )
        told = h.explained(run.log_path)
        h.check(
            f"and explain says that the program sent itself {name}, at no address",
            "sent to itself" in told and "at address" not in told and "CRASHED" not in told,
            told,
        )
    crash = h.put(box, "crash.py", "import ctypes\ndef inner():\n    ctypes.string_at(16)\ninner()\n")
    run = h.proctor([h.PYTHON, crash], "--exit", "verdict", cwd=box)
    fatal = [r for r in run.records if r["kind"] == "signal" and r["fatal"]]
    h.check(
        "a crash is told with its line",
        run.status == 11 and fatal and fatal[0]["code"]["line.number"] == 3 and fatal[0]["signal"]["address"] == "0x10",
        run,
        fatal,
    )


# What the program has set for SIGTRAP, with shared memory (calls of the supervisor's are made in it) in between.
TRAPS = """
import mmap, os, signal
got = []
for handler in (lambda *a: got.append(1)), signal.SIG_IGN:
    signal.signal(signal.SIGTRAP, handler)
    mmap.mmap(-1, 4096); os.chdir('sub'); os.chdir('..')
    os.kill(os.getpid(), signal.SIGTRAP)
print(got)
"""


def traps(box):
    """No action of a signal changes by calls that are made in the program."""
    script = h.put(box, "traps.py", TRAPS)
    for options in [], ["--process", "fork"], ["-w", box]:
        run = h.proctor([h.PYTHON, script], "-r", box, *options, cwd=box)
        h.check(f"SIGTRAP is the program's own {options}", (run.status, run.out) == (0, b"[1]\n"), run)


def same_as_native(box):
    for name, text in (
        ("every signal reaches the program", ALL),
        ("sleeps and waits under a timer", SLEEP),
        ("the signal mask and what is ignored", MASKS),
    ):
        script = h.put(box, "same.py", text)
        for python in dict([(h.PYTHON, 0)] + [(p, 0) for v, p in h.interpreters((3, 12))]):
            bare, run = (runner([python, script], cwd=box) for runner in (h.native, h.proctor))
            h.check(
                f"{name} as natively ({python})", bare.status == 0 and (run.status, run.out) == (0, bare.out), bare, run
            )

    def ignoring():
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2, signal.SIGALRM, signal.SIGTERM])

    bare, run = (runner([h.PYTHON, "-S", "same.py"], cwd=box, preexec_fn=ignoring) for runner in (h.native, h.proctor))
    h.check(
        "what proctor's caller blocks and ignores, the program does",
        b"[10, 12, 14, 15]" in bare.out or b"[12, 14, 15]" in bare.out,
        bare,
    )
    h.equal("and nothing else", run.out, bare.out)


def main():
    box = h.place()
    h.put(box, "data", "data\n")
    h.put(box, "sub/inner", "inner")
    os.symlink("data", box + "/link")
    same_as_native(box)
    traps(box)
    storms(box)
    fifos(box)
    stops(box)
    terminal_stop(box)
    deaths(box)
    h.equal("no process is left", h.survivors(), [])
    h.finish()


main()
