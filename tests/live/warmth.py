# SPDX-License-Identifier: Apache-2.0
"""LIVE_WARM=exact (or quick): what a test runs by the harness starts warm, from a pool of the test's own.

A pool holds one interpreter, so there is one for each that the test uses, started when it is first needed, with the
environment and the filters of the run that needs it. Whatever proctor-pool(1) says is cold stays cold, and says so;
every run is asked how it began, and one that was cold for any other reason is a failure.
"""

import atexit
import collections
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time

MODE = os.environ.get("LIVE_WARM")

# Tests that are made as they are, and why.
GRADING = "batch, judge and interactions have their own pools: warm.py and interactive.py are about these"
READERS = "it is about logs and their readers, and a run is only where its logs come from"
AS_THEY_ARE = {
    **dict.fromkeys("batch batch_killed emit export interactive judge merge passes scores summary_by".split(), GRADING),
    **dict.fromkeys("explain_cut explain_hidden explain_large report_page policy_check policy_command".split(), READERS),
    "native": "its programs are not Python's",
    "outputs": "it is about where log and verdict go, before the program begins",
    "pypy": "a pool holds CPython",
    "python_package": "it is about the package, pools included",
    "readme": "its commands are the README's",
    "start_words": "it is about the words that a run is started with",
    "terminal": "a terminal is cold",
    "usage": "it is about wrong words, and runs that do not begin",
    "warm": "it has pools of its own",
    "warm_ends": "it has pools of its own",
    "webservice": "it is about a service that calls the program",
}
TEST = os.path.splitext(os.path.basename(sys.argv[0]))[0]
if MODE and TEST in AS_THEY_ARE:
    print(f"# not made warm: {AS_THEY_ARE[TEST]}", flush=True)
    MODE = None

# What is cold, as proctor-pool(1) has it; beginnings of the reason that the run gives.
COLD = (
    "only CPython 3.9 to 3.13 can be held",
    "only a script can be, and what follows -c, -m or - as words of their own",
    "the script is a directory or an archive",
    "the interpreter lies in the submission",
    "what follows -c is too long",
    "option ",
    "variable ",
    "a template must not write compiled files",
    "audit mode is cold",
    "a pool serves its own user",
    "stdin, stdout or stderr is closed",
    "stdin, stdout or stderr is a terminal",
    "the template has read ",
)
TOLD = re.compile(rb"^proctor: run: not warm: ([^\n]*)\n", re.M)

_lock = threading.RLock()
_pools = {}
_numbers = itertools.count(1)
_open = {}  # runs that were not asked yet: verdict or log
warm, cold = 0, collections.Counter()
broken = []  # what pools ended with that did not end well
_can_be_held = {}


class Pool:
    def __init__(self, proctor, python, env, rights):
        self.name = f"@proctor-live-{os.getpid()}-{next(_numbers)}"
        argv = [proctor, "pool", "-q", "--mode", MODE, "--end-with-stdin", "--listen", self.name, "--python", python]
        self.child = subprocess.Popen(argv, stdin=subprocess.PIPE, env=env, **rights)
        end = time.monotonic() + 20
        while self.name not in _listeners() and self.child.poll() is None and time.monotonic() < end:
            time.sleep(0.005)

    def end(self):
        self.child.stdin.close()
        if self.child.wait(20) != 0:
            broken.append(self.child.returncode)


def _listeners():
    with open("/proc/net/unix") as text:
        return {line.split()[-1] for line in text}


def _interpreter(words, options, env):
    """The interpreter that a run of WORDS has, as its path; None: no CPython that can be held, or no interpreter."""
    given = [value for option, value in zip(options, options[1:]) if option == "--python"]
    name = given[-1] if given else words[0] if re.match(r"(python|pypy)[0-9.]*$", os.path.basename(words[0])) else "python3"
    path = name if "/" in name else shutil.which(name, path=env.get("PATH"))
    return path and os.path.abspath(path)


def options(proctor, not_held, words, given, env, popen):
    """The options that make a run of WORDS with the options GIVEN warm."""
    global cold
    if not MODE or "--warm" in given or not words:
        return []
    python = _interpreter(words, given, env)
    held = False
    if python and os.access(python, os.X_OK):
        of = python, os.stat(python).st_ino, os.stat(python).st_mtime_ns
        with _lock:
            if of not in _can_be_held:
                _can_be_held[of] = not not_held(python)
            held = _can_be_held[of]
    if not held:
        cold["its interpreter cannot be held"] += 1
        return []
    rights = {name: popen[name] for name in ("user", "group", "extra_groups") if name in popen}
    if hasattr(popen.get("preexec_fn"), "filters"):
        rights["preexec_fn"] = popen["preexec_fn"]
    key = python, env.get("HOME"), env.get("PATH"), tuple(map(str, rights.values()))
    with _lock:
        if key not in _pools:
            _pools[key] = Pool(proctor, python, env, rights)
        return ["--warm", _pools[key].name]


def expect(log_path, verdict_path):
    """A run was given these for its log and its verdict."""
    if MODE:
        _open[log_path, verdict_path] = True


def _began(log_path, verdict_path):
    """{} for a run that was not to be warm, None when nobody knows."""
    try:
        with open(verdict_path) as text:
            return json.load(text).get("warm", {})
    except (OSError, TypeError, ValueError):
        pass
    try:
        with open(log_path) as text:
            return json.loads(text.readline())["settings"].get("warm", {})
    except (OSError, TypeError, ValueError, KeyError):
        return None


def note(log_path, verdict_path, err):
    """Asks how a run began that has ended with ERR on standard error; ERR without what it says of that."""
    global warm
    if not MODE:
        return err
    with _lock:
        if _open.pop((log_path, verdict_path), False):
            began = _began(log_path, verdict_path)
            told = TOLD.search(err or b"") if isinstance(err, (bytes, type(None))) else None
            if began and began["mode"] != "cold":
                warm += 1
            elif began and not began["why"]:
                cold["it ended before it began"] += 1
            elif began or told:
                cold[began["why"] if began else told[1].decode()] += 1
            elif began is None:
                cold["nobody knows"] += 1
    return TOLD.sub(b"", err) if isinstance(err, bytes) else err


def stop():
    """Ends the pools; what they forked and left becomes a child of this process."""
    with _lock:
        while _pools:
            _pools.popitem()[1].end()


atexit.register(stop)


def _children():
    """[(process, its command line)] of the pools."""
    found = []
    with _lock:
        pools = [pool.child.pid for pool in _pools.values()]
    for pool in pools:
        try:
            with open(f"/proc/{pool}/task/{pool}/children") as text:
                children = text.read().split()
        except OSError:
            continue
        for child in children:
            try:
                with open(f"/proc/{child}/cmdline", "rb") as text:
                    found.append((int(child), text.read()))
            except OSError:
                pass
    return found


def programs_of(pid):
    """The adopted processes whose tracer is PID."""
    found = []
    for child, _ in _children():
        try:
            with open(f"/proc/{child}/status") as text:
                if f"\nTracerPid:\t{pid}\n" in text.read():
                    found.append(child)
        except OSError:
            pass
    return found


def of_pools():
    """The pools, and what they hold for runs to come."""
    with _lock:
        pools = [pool.child.pid for pool in _pools.values()]
    return pools + [child for child, words in _children() if b"\0proctor-template-" in words]


def tell(check):
    """How many runs were warm. Fails for those that were cold and need not have been."""
    if not MODE:
        return
    for log_path, verdict_path in list(_open):
        note(log_path, verdict_path, None)
    wrong = {why: n for why, n in cold.items() if not why.startswith(COLD + ("its interpreter cannot be held", "it ended before it began", "nobody knows"))}
    print(f"# {warm} runs were warm, {sum(cold.values())} were not", flush=True)
    for why, n in sorted(cold.items()):
        print(f"#   {n}: {why}", flush=True)
    check("what can be warm was warm", warm and not wrong, wrong)
    stop()
    check("its pools ended well", not broken, broken)
