#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""As in a container: the live tests of descriptors once more behind a seccomp filter that forbids what
Docker's default profile forbids of the calls that proctor uses or that its programs may make (moby,
profiles/seccomp/default.json).

    container.py              the tests and attacks named below
    container.py COMMAND...   COMMAND behind that filter
"""

import errno
import fcntl
import os
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import harness as h

FORBIDDEN = {
    "pidfd_getfd": 438,
    "kcmp": 312,
    "process_madvise": 440,
    "mseal": 462,
    "userfaultfd": 323,
    "keyctl": 250,
    "add_key": 248,
    "request_key": 249,
    "setns": 308,
    "unshare": 272,
    "mount": 165,
    "open_by_handle_at": 304,
    "perf_event_open": 298,
    "bpf": 321,
}
TESTS = ["stdio.py", "paths.py", "threads.py", "write.py", "locks.py", "net.py short"]

# The calls that are handed over, while one thread puts stdout under the number they name and another one
# fills the sockets that descriptors go and come by.
HOSTILE = r"""
import fcntl, os, sys, threading
f, n = os.open('file', os.O_RDONLY), 50
os.dup2(f, n)
over, seen, wrong, said = False, set(), [], 0
def swap():
    while not over:
        os.dup2(1, n); os.dup2(f, n)
def flood():
    ours = []
    for number in [*range(900, 5000), *range(65000, 65600)]:
        try: os.write(number, b'x' * 16); ours.append(number)
        except OSError: pass
    print(len(ours), file=sys.stderr)
    while not over:
        for number in ours:
            try: os.write(number, os.urandom(16))
            except OSError: pass
def attempt(f, *args):
    try: return f(*args)
    except OSError as error: return -error.errno
threads = [threading.Thread(target=t) for t in (swap, flood)]
[t.start() for t in threads]
for i in range(3000):
    seen.add(min(attempt(os.lseek, n, i, 0), 0))
    got = attempt(os.lseek, f, i, 0)
    if got not in (i, -11): wrong.append((i, got))
    seen.add(min(attempt(fcntl.fcntl, n, fcntl.F_SETFL, os.O_NONBLOCK), 0))
    if i % 100 == 0: said += os.write(1, b'%04d\n' % i)
over = True
[t.join() for t in threads]
print(wrong[:5], sorted(seen), file=sys.stderr)
"""


def behind_filter():
    h.forbid((435, errno.ENOSYS), *((number, errno.EPERM) for number in FORBIDDEN.values()))()  # clone3


behind_filter.filters = True  # a pool for it is behind it too


def run_one(test):
    name, *words = test.split()
    done = subprocess.run(
        [sys.executable, os.path.join(h.HERE, name), *words],
        preexec_fn=behind_filter,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    h.check(
        f"{test} behind the filter",
        done.returncode == 0,
        "\n".join(l for l in done.stdout.decode("utf-8", "replace").splitlines() if not l.startswith("ok")),
    )


def attacks():
    """What is counted, while threads put other files under the numbers that are handed over."""
    run = os.path.join(h.HERE, "../attack/run.py")
    done = subprocess.run([sys.executable, run, "--proctor", h.PROCTOR, "--sandbox", "proctor", "--only", "quota_race_*",
                           *(["--warm", h.warmth.MODE] if h.warmth.MODE else [])],
                          preexec_fn=behind_filter, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    h.check("races against a quota behind the filter", done.returncode == 0, done.stdout.decode("utf-8", "replace"))


def hostile():
    """What was written before stays, the caller's flags stay, and no descriptor piles up in the supervisor."""
    box = h.place()
    h.put(box, "file", "x" * 5000)
    script = h.put(box, "hostile.py", HOSTILE)
    with open(f"{box}/out", "wb") as out:
        child = h.start([h.PYTHON, script], cwd=box, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE,
                        preexec_fn=behind_filter)
        most = 0
        while child.poll() is None:
            try:
                most = max(most, len(os.listdir(f"/proc/{child.pid}/fd")))
            except OSError:
                break
            time.sleep(0.01)
        run = h.ended(child, timeout=120)
        flags = fcntl.fcntl(out, fcntl.F_GETFL)
    with open(f"{box}/out", "rb") as text:
        lines = text.read()
    h.check("calls are handed over while descriptors are swapped and the socket is filled",
            run.status == 0 and run.verdict["status"] == "OK" and run.err.startswith(b"2\n[] ["), run)
    h.equal("what was written stays", lines, b"".join(b"%04d\n" % i for i in range(0, 3000, 100)))
    h.check("the flags of the caller's file stay", not flags & os.O_NONBLOCK, flags)
    h.check("no descriptor piles up in the supervisor", most < 100, most)


# Calls whose descriptor has to be looked at, and that the kernel then makes.
AUDITED = r"""
import socket
l = socket.socket(); l.bind(('127.0.0.1', 0)); l.listen()
s = socket.socket(); s.connect(l.getsockname()); print(s.getpeername() == l.getsockname())
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); print(u.sendto(b'abc', l.getsockname()))
s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1); print(s.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))
p = socket.socket(socket.AF_UNIX); p.bind(chr(0) + 'proctor-%d' % l.getsockname()[1]); p.listen(); s.setblocking(False)
try: s.connect(l.getsockname())
except OSError as error: print(error.errno)
"""


def audited():
    """What is handed over is what is lent: audit mode makes and records the same."""
    script = h.put(h.place(), "p.py", AUDITED)
    runs = [h.proctor([h.PYTHON, script], "--mode", "audit", "-q", **more) for more in ({}, {"preexec_fn": behind_filter})]
    outs = [run.out for run in runs]
    h.equal("audit mode makes the calls", outs, [b"True\n3\n1\n106\n"] * 2)
    told = [
        [(r["event"]["action"], r["decision"], r["event"].get("outcome"), r.get("destination", {}).get("ip"))
         for r in run.calls() if r["decision"].get("violation")]
        for run in runs
    ]
    h.equal("and records the same, with addresses", told[1], told[0])
    h.check("of connect, too", ("connect", "success", "127.0.0.1") in [(a, o, ip) for a, _, o, ip in told[1]], told)


BIND = """
import os, socket, sys
os.chdir(sys.argv[1])
for i in range(5):
    try: print(socket.socket(socket.AF_UNIX).bind('s%d' % i))
    except OSError as error: print(error.errno)
"""


def counts():
    """A name that is made by a handed over descriptor counts as another does."""
    room = h.place()
    names = ", ".join(f'"unix:{room}/s{i}"' for i in range(5))
    policy = h.put(h.place(), "p.yaml", f"version: 1\nextends: builtin:pure\nwrite: {{path: {room}, quota: 1MiB, files: 3}}\nnet: {{bind: [{names}]}}\n")
    run = h.ended(h.start([h.PYTHON, "-c", BIND, room], "-p", policy, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          preexec_fn=behind_filter), timeout=60)
    h.equal("sockets that are bound beneath a quota are counted", (run.out, len(os.listdir(room))), (b"None\nNone\nNone\n28\n28\n", 3))


def main():
    run = h.finished([h.PROCTOR, "doctor"], None, None, b"", None, 30, {"preexec_fn": behind_filter})
    h.check(
        "doctor: proctor runs there, and how descriptors come is told",
        run.status == 0 and b"pidfd_getfd: forbidden here" in run.out,
        run,
    )
    hostile()
    audited()
    counts()
    attacks()
    for test in TESTS:
        run_one(test)
    h.finish()


if len(sys.argv) > 1:
    behind_filter()
    os.execvp(sys.argv[1], sys.argv[1:])
main()
