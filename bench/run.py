#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What proctor costs, beside the program alone, beside a bare tracer, and beside its peers.

    bench/run.py --proctor ./proctor [--quick] [--only NAME]... [--json FILE]

Prints a table and writes bench.json: the machine, the day, every sample. See doc/PERFORMANCE.md.
The exit status says whether everything could be run, never whether a goal was met.
"""
import argparse
import datetime
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

from harness import Case, Failed, Goal, Variant, amount, machine, run, table, times
from warm import warm_cases

HERE = os.path.dirname(os.path.abspath(__file__))
LIB = "/usr/lib"
# The last two: bare tracers (bench/floor) with tracer and program on one core, as proctor places itself.
PEERS = ("strace", "strace -c", "proot", "bwrap", "firejail", "tracer, one core", "listener, one core")
FILES_PER_DIR = 100


class Bench:
    """Where everything is, and how each way of running is spelled."""

    def __init__(self, options, tmp):
        self.options = options
        self.tmp = tmp
        self.proctor = os.path.abspath(options.proctor)
        build = os.path.join(os.path.dirname(self.proctor), "bench")
        self.floor = os.path.join(build, "floor")
        self.calls = os.path.join(build, "work_calls")
        self.python = options.python
        # What proctor gives a program too, so that all run in the same environment. A home of its own: some
        # peers make theirs where there is none.
        home = os.path.join(tmp, "home")
        os.mkdir(home)
        self.env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", "HOME": home, "LANG": "C.UTF-8"}
        self.core = str(min(os.sched_getaffinity(0)))
        self.scale = 0.06 if options.quick else 1.0
        self.n_files = 2000 if options.quick else 10000
        self.peers = self._find_peers()
        self.serial = 0

    BATCH_LIMITS = ["--cpu", "10s", "--wall", "60s", "--memory", "512MiB", "--output", "64MiB"]

    # ---- ways to run

    def _peer_prefix(self, name):
        return {
            "strace": ["strace", "-f", "--seccomp-bpf", "-e", "trace=%file", "-o", "/dev/null"],
            "strace -c": ["strace", "-c", "-f", "--seccomp-bpf", "-e", "trace=%file", "-o", "/dev/null"],
            "proot": ["proot"],
            "bwrap": ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"],
            "firejail": ["firejail", "--quiet", "--noprofile"],
            "tracer, one core": [self.floor, "open", self.core],
            "listener, one core": [self.floor, "notify", self.core],
        }[name]

    def _find_peers(self):
        """Which peers are installed and run a program here; the reason for each that does not."""
        found = {}
        for name in PEERS:
            prefix = self._peer_prefix(name)
            program = shutil.which(prefix[0])
            if not program:
                found[name] = "not installed"
                continue
            tried = subprocess.run([program] + prefix[1:] + ["/bin/true"], env=self.env, timeout=30,
                                   capture_output=True, text=True, check=False)
            said = (tried.stderr.strip().splitlines() or ["exit status %d" % tried.returncode])[-1]
            found[name] = [program] + prefix[1:] if tried.returncode == 0 else said
        return found

    def _run_proctor(self, argv, options, log, pin, **kw):
        """Under proctor; with a log, checks that it was finished."""
        prefix, name = [self.proctor, "run", "-q"] + options, None
        if log:
            self.serial += 1
            name = os.path.join(self.tmp, f"log{self.serial}")
            prefix += ["-o", name]
        try:
            ran = run(self._pinned(prefix + ["--"] + argv, pin), self.env, self.tmp, **kw)
            if log:
                self._check_log(name)
            return ran
        finally:
            if name and os.path.exists(name):
                os.unlink(name)

    def _check_log(self, name):
        with open(name, "rb") as log:
            log.seek(max(0, os.path.getsize(name) - 4096))
            if json.loads(log.read().splitlines()[-1])["kind"] != "end":
                raise Failed("the log has no end record")
        self.last_log_bytes = os.path.getsize(name)

    def _pinned(self, argv, pin):
        argv = [shutil.which(argv[0]) or argv[0]] + argv[1:]
        return ["/usr/bin/taskset", "-c", self.core] + argv if pin else argv

    def run_as(self, how, argv, options=(), pin=False, floor="open", **kw):
        """Runs ARGV as HOW says: native, floor, a proctor variant or a peer."""
        if how == "native":
            return run(self._pinned(argv, pin), self.env, self.tmp, **kw)
        if how == "floor":
            argv = [self.floor, floor, self.core if pin else "free"] + argv
            return run(argv, self.env, self.tmp, **kw)
        if how.startswith("proctor"):
            extra = {"proctor, no stack": ["--stack", "none"], "proctor, both stacks": ["--stack", "both"],
                     "proctor, all calls": ["--calls", "all"],
                     "proctor --output": ["--output", "1GiB"],
                     "proctor --shadow": ["--shadow", "builtin:pure"], "proctor --profile": ["--profile"]}.get(how, [])
            return self._run_proctor(argv, list(options) + extra, "no log" not in how, pin, **kw)
        return run(self._pinned(self.peers[how] + argv, pin), self.env, self.tmp, **kw)

    def variants(self, hows, argv, value, **kw):
        """A variant for each of HOWS that can run here; VALUE turns a Ran into a number."""
        return [Variant(how, lambda how=how: value(self.run_as(how, argv, **kw))) for how in hows
                if how not in PEERS or isinstance(self.peers[how], list)]

    def script(self, name, *args):
        return [self.python, os.path.join(HERE, "workloads", name + ".py"), *map(str, args)]

    def scaled(self, full, quick):
        return quick if self.options.quick else full


def wall(ran):
    return ran.wall, ran.cpu


def printed_ns(ran):
    """The best of the batches that the program measured itself."""
    return min(float(line.split()[0]) for line in ran.out.splitlines()) / 1e9


# ---------------------------------------------------------------------- one call

def call_cases(b):
    found, absent = os.path.join(b.tree, "0.txt"), os.path.join(b.tree, "absent")
    count = b.scaled(2000, 500)
    one_stop = Goal("floor", 1.5, "≤ 1.50× a bare tracer, 1 stop")
    two_stops = Goal("floor", 1.4, "≤ 1.40× a bare tracer, 2 stops")
    every = ["native", "floor", "proctor", "proctor, no log", *PEERS[:3]]
    some = ["native", "floor", "proctor"]

    def case(name, title, what, path, floor, hows, goal=None, pin=True, seconds=6):
        argv = [b.calls, what, "3", str(count), path]
        return Case(name, title, b.variants(hows, argv, printed_ns, options=["-r", b.tree], pin=pin,
                                            floor=floor), seconds, goal=goal)

    return [
        case("stat", "stat, emulated", "stat", found, "one", every, one_stop, seconds=9),
        case("open", "open + close, rewritten", "open", found, "two", every, two_stops, seconds=9),
        case("absent", "stat of an absent file", "absent", absent, "one", some),
        case("fstat", "fstat of glibc < 2.39 (empty path)", "fstat", found, "one", some),
        case("access", "access", "access", found, "one", some),
        case("stat-free", "stat, cores not chosen", "stat", found, "one", every, pin=False),
        case("open-free", "open + close, cores not chosen", "open", found, "two", every, pin=False),
        case("shadow", "stat, another policy asked too", "stat", found, "one", ["native", "proctor", "proctor --shadow"]),
        case("ioctl", "ioctl(TCGETS), in the filter", "ioctl", found, "one", some, seconds=2),
    ]


def rule_cases(b):
    """A stat under ten patterns of one directory, and under ten thousand: of the beginnings of names, of their ends."""
    def policy(name, n):
        path = os.path.join(b.tmp, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(f"version: 1\nextends: builtin:pure\nread:\n  - {b.tree}\n")
            file.writelines(f'  - "{b.tree}/{i:05}{"*" if i % 2 else "-*.txt"}"\n' for i in range(n))
        return path

    few, many = policy("few.yaml", 10), policy("many.yaml", 10000)
    argv = [b.calls, "stat", "3", str(b.scaled(2000, 500)), os.path.join(b.tree, "0.txt")]

    def variant(label, how, *options):
        return Variant(label, lambda: printed_ns(b.run_as(how, argv, options=options, pin=True, floor="one")))

    return [Case("rules", "stat under 10 patterns, and under 10,000",
                 [variant("native", "native"), variant("proctor", "proctor", "-p", few),
                  variant("proctor, 10,000", "proctor", "-p", many)], 6)]


def accept_all(listener):
    while True:
        listener.accept()[0].close()


def process_cases(b):
    """A process, a program and a connection, each with its end. The service is outside."""
    count = b.scaled(200, 50)
    service = os.path.join(b.tmp, "service")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(service)
    listener.listen(1024)
    threading.Thread(target=accept_all, args=(listener,), daemon=True).start()
    program = os.path.realpath("/bin/true")

    def case(name, title, path, options):
        return Case(name, title, b.variants(["native", "floor", "proctor"], [b.calls, name, "3", str(count), path], printed_ns,
                                            options=["-r", b.tree, *options], pin=True, floor="one"), 6)

    return [
        case("fork", "fork + _exit + waitpid", b.tree, ["--process", "fork"]),
        case("exec", "fork + execve of true + waitpid", program, ["--exec", program]),
        case("connect", "socket + connect + close, a unix socket", service, ["--connect", "unix:" + service]),
    ]


def refusal_cases(b):
    argv = b.script("refuse", "/nonexistent/file", b.scaled(1000, 300))
    hows = ["native", "proctor", "proctor, no stack", "proctor, both stacks"]
    return [Case("refused", "refusal with its Python stack", b.variants(hows, argv, printed_ns, pin=True),
                 6, goal=Goal("added", 100e-6, "≤ 100 µs added"))]


# ---------------------------------------------------------------------- whole programs

# An exception that nobody catches, and yet a status of 0.
RAISES = "import os, sys; sys.excepthook = lambda *a: os._exit(0); f = lambda n: f(n - 1) if n else {}['k']; f(20)"


def program_cases(b):
    base = ["native", "floor", "proctor", "proctor, no log"]
    every = base + list(PEERS)
    watched = ["native", "proctor, no stack", "proctor"]
    tree = ["-r", b.tree]
    numpy = subprocess.run([b.python, "-c", "import numpy"], env=b.env, capture_output=True, check=False)
    size = b.scaled(16, 4)

    def case(name, title, argv, hows, seconds, goal=None, value=wall, **kw):
        return Case(name, title, b.variants(hows, argv, value, **kw), seconds, "ms", goal)

    cases = [
        case("pass", "python3 -c pass", [b.python, "-c", "pass"], every, 18,
             Goal("native", 1.25, "≤ 1.25× native")),
        case("imports", "ten stdlib imports", b.script("imports"), every, 18,
             Goal("native", 1.15, "≤ 1.15× native")),
        # Without a Python stack nothing asks for the exception: the difference is what its reading costs.
        case("end", "python3 -c pass, and its end watched", [b.python, "-c", "pass"], watched, 10),
        case("exception", "an end by an exception, and its reading", [b.python, "-c", RAISES], watched, 10),
        case("walk", f"walk over {b.n_files} files, lstat each", b.script("walk", b.files),
             base + ["strace", "proot"], 14, options=["-r", b.files]),
        case("read", f"read {b.n_files} small files", b.script("read_files", b.files),
             base + ["strace", "proot"], 16, options=["-r", b.files]),
        case("threads-open", "4 threads opening files",
             b.script("open_threads", os.path.join(b.tree, "0.txt"), 4, b.scaled(500, 200)),
             ["native", "floor", "proctor", "strace"], 8, value=printed_ns, options=tree),
    ]
    cases[-1].unit = "us"
    if numpy.returncode == 0:
        cases += [
            case("numpy", "import numpy", [b.python, "-c", "import numpy"], every, 14,
                 Goal("native", 1.15, "≤ 1.15× native")),
            case("threads-numpy", "4 threads of numpy", b.script("numpy_threads", size),
                 ["native", "floor", "proctor"], 10, value=printed_ns),
        ]
    else:
        b.notes.append(f"numpy is not installed for {b.python}: its two rows are left out")
    return cases


def write_cases(b):
    """Beneath a write rule, and beneath one with a quota, where proctor counts and each write stops."""
    room = os.path.join(b.tmp, "room")
    os.makedirs(room, exist_ok=True)
    grants = {"proctor": ["-w", room], "proctor, quota": ["-w", room + ":4GiB"]}
    calls, bulk = Goal("floor", 1.6, "≤ 1.60× a bare tracer that stops for locks too"), Goal("native", 1.1, "≤ 1.10× native")

    def case(name, title, what, n, goal):
        return Case(name, title, [Variant(how, lambda how=how: printed_ns(
            b.run_as(how, b.script("write", what, room, n), grants.get(how, ()), floor="lock")))
            for how in ("native", "floor", "proctor", "proctor, quota")], 10, goal=goal)

    small, blocks, rows = b.scaled(5000, 300), b.scaled(1024, 32), b.scaled(3000, 200)
    return [
        case("write-threads", f"write {blocks} MiB by two threads, each", "threads", blocks, bulk),
        case("write-small", f"write {small} small files, each", "small", small, calls),
        case("write-bulk", f"write {blocks} MiB in one file, each", "blocks", blocks, bulk),
        case("write-sqlite", f"insert {rows} rows by sqlite, each", "rows", rows, calls),
    ]


def compute_cases(b):
    argv = b.script("compute", b.scaled(330, 60))
    goal = Goal("native", 1.01, "≤ 1.01× native")
    hows = ["native", "floor", "proctor"]

    def cpu(ran):
        return float(ran.out.split()[1]) / 1e9

    return [Case("compute", "pure computation, CPU time", b.variants(hows, argv, cpu), 22, "s", goal),
            Case("profile", "pure computation, CPU time, and sampled", b.variants(["native", "proctor", "proctor --profile"], argv, cpu), 22,
                 "s")]


def stream_cases(b):
    lines, n = os.path.join(b.tmp, "lines"), b.scaled(100000, 20000)
    with open(lines, "w", encoding="ascii") as file:
        file.writelines(f"{i}\n" for i in range(n))
    base = ["native", "floor", "proctor"]
    out = base + ["proctor --output"]
    return [
        Case("input", f"input() over {n} lines",
             b.variants(base, b.script("input_lines"), printed_ns, stdin=lines), 6, "ms"),
        Case("print", f"print() of {n} lines to a pipe",
             b.variants(out, b.script("print_lines", n, "block"), wall, to_pipe=True), 6, "ms"),
        Case("print-flush", f"print(flush=True) of {n // 10} lines",
             b.variants(out, b.script("print_lines", n // 10, "flush"), wall, to_pipe=True), 8, "ms"),
    ]


# ---------------------------------------------------------------------- the supervisor itself

def start_cases(b):
    """From the spawn of proctor to the program's first instruction, by the same clock."""
    def first(ran):
        return (int(ran.out) - ran.started_ns) / 1e9

    return [Case("start", "start, to the program's first instruction",
                 b.variants(["native", "floor", "proctor", "proctor, no log"], [b.calls, "start"], first),
                 5, "ms", Goal("added", 3e-3, "≤ 3 ms added"))]


def peak_of(start):
    """The most memory of what START(watch) runs, in bytes: the kernel's mark, read every 20 ms."""
    high = 0

    def watch(pid):
        nonlocal high
        try:
            with open(f"/proc/{pid}/status", encoding="ascii") as status:
                for line in status:
                    if line.startswith("VmHWM"):
                        high = max(high, int(line.split()[1]) * 1024)
        except (OSError, ValueError):
            pass  # it has just ended

    start(watch)
    if not high:
        raise Failed("it ended before its memory was read")
    return high


def memory_cases(b):
    calls = b.scaled(1000000, 50000)
    argv = [b.calls, "stat", "1", str(calls), os.path.join(b.tree, "0.txt")]

    def peak():
        return peak_of(lambda watch: b.run_as("proctor", argv, options=["-r", b.tree], pin=True, watch=watch))

    return [Case("memory", f"supervisor's memory, {calls} calls", [Variant("proctor", peak)], 1, "MiB",
                 Goal("value", 8 << 20, "≤ 8 MiB"), rounds=1)]


# ---------------------------------------------------------------------- what becomes of a log

EXPORTS = "chrome csv ecs folded intoto ocsf otlp sarif speedscope sqlite".split()


def export_cases(b):
    """A log of all calls with their stacks, made once, as each format and as a page: time, size, memory."""
    log, target = os.path.join(b.tmp, "export.jsonl"), os.path.join(b.tmp, "exported")
    argv = b.script("log_all", b.files)

    def made(to, **kw):
        if not os.path.exists(log):
            run([b.proctor, "run", "-q", "--calls", "all", "--stack-for", "all", "-r", b.files, "-o", log, "--"] + argv, b.env, b.tmp)
            with open(log, "rb") as file:
                b.notes.append(f"the log that is exported: {sum(1 for _ in file)} records, {os.path.getsize(log) / 2**20:.1f} MiB")
        what = ["report"] if to == "report" else ["export", "--to", to]
        return run([b.proctor, *what, "-f", "-o", target, log], b.env, b.tmp, **kw)

    def size(to):
        made(to)
        return os.path.getsize(target) / os.path.getsize(log)

    def case(name, title, unit, sample, rounds):
        return Case("export-" + name, title, [Variant(to, lambda to=to: sample(to)) for to in [*EXPORTS, "report"]], 1, unit,
                    rounds=rounds)

    cases = [
        case("time", "a log as another format, or as a page", "ms", lambda to: wall(made(to)), 3),
        case("size", "bytes out for each byte of the log", "ratio", size, 1),
    ]
    # A short log is done before its memory can be read.
    if not b.options.quick:
        cases.append(case("memory", "memory for that", "MiB", lambda to: peak_of(lambda watch: made(to, watch=watch)), 1))
    return cases


# ---------------------------------------------------------------------- side by side, and growth

def side_by_side(b):
    """Runs of `python3 -c pass` in N lanes at once; a sample is seconds of core for each run."""
    argv, cores = [b.python, "-c", "pass"], len(os.sched_getaffinity(0))
    total = b.scaled(32, 8)

    def lanes(how, n):
        failures = []

        def lane():
            try:
                for _ in range(total // n):
                    b.run_as(how, argv)
            except Failed as error:
                failures.append(error)

        threads = [threading.Thread(target=lane) for _ in range(n)]
        begin = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]
        return (time.monotonic() - begin) * min(n, cores) / total

    return [Case(f"side-{n}", f"{n} runs side by side, core time each",
                 [Variant(how, lambda how=how, n=n: lanes(how, n)) for how in ("native", "proctor, no log")],
                 6, "ms") for n in (1, 2, 4, 8)]


def batch_cases(b):
    """Many short runs with log, verdict and output kept, by a shell loop, by GNU parallel, and by proctor batch: for each run."""
    total, cores = b.scaled(200, 24), len(os.sched_getaffinity(0))
    program = [b.python, "-c", "pass"]
    judged = [b.proctor, "run", "-q", "--exit", "judged", *b.BATCH_LIMITS]
    kept = '-o "$0/$i.jsonl" --verdict "$0/$i.json" -- "$@" >"$0/$i.out" 2>"$0/$i.err"'
    plain = '"$@" >"$0/$i.out" 2>"$0/$i.err"'
    jobs = os.path.join(b.tmp, "jobs.jsonl")
    with open(jobs, "w", encoding="ascii") as file:
        for n in range(total):
            print(json.dumps({"id": f"run-{n}", "argv": program}), file=file)

    def one_by_one(line):
        return ["/bin/sh", "-c", f"i=0; while [ $i -lt {total} ]; do {line}; i=$((i + 1)); done"]

    def parallel(name, line):
        # Its words go through a shell once more: what they are is in a file.
        script = os.path.join(b.tmp, name)
        with open(script, "w", encoding="ascii") as file:
            file.write("i=$1; shift; " + line.replace("$0", "$PLACE") + "\n")
        return ["/bin/sh", "-c", f'export PLACE="$0"; seq {total} | parallel --will-cite -j {cores} sh {script} {{}} "$@"']

    def sample(argv, words):
        def measure():
            b.serial += 1
            place = os.path.join(b.tmp, f"batch{b.serial}")
            os.mkdir(place)
            try:
                ran = run(argv + [place] + words, b.env, b.tmp)
                if len(os.listdir(os.path.join(place, "runs") if argv[0] == b.proctor else place)) < total:
                    raise Failed("some runs were not made")
                return ran.wall / total, ran.cpu / total
            finally:
                shutil.rmtree(place)
        return measure

    ways = {"native": (one_by_one(plain), program),
            "proctor run, a loop": (one_by_one(" ".join(judged) + " " + kept), program),
            "proctor": ([b.proctor, "batch", "-q", *b.BATCH_LIMITS, "-o"], [jobs])}
    if shutil.which("parallel"):
        ways["native, parallel"] = parallel("plain.sh", plain), program
        ways["proctor run, parallel"] = parallel("judged.sh", " ".join(judged) + " " + kept), program
    else:
        b.notes.append("GNU parallel is not installed: batch is compared with a shell loop alone")
    return [Case("batch", f"proctor batch, {total} runs, each", [Variant(how, sample(*way)) for how, way in ways.items()], 20, "ms")]


def growth_cases(b):
    call = [b.calls, "stat", "3", str(b.scaled(1000, 300))]

    def point(label, argv, options, pin=True):
        return Variant(label, lambda: printed_ns(b.run_as("proctor", argv, options, pin=pin)))

    def grants(n):
        return [x for i in range(n) for x in ("-r", os.path.join(b.grants, f"d{i}"))]

    def start_with(n):
        def sample():
            ran = b.run_as("proctor", [b.calls, "start"], grants(n))
            return (int(ran.out) - ran.started_ns) / 1e9
        return Variant(str(n), sample)

    def deep(n):
        path = os.path.join(b.deep, *["d"] * n, "0.txt")
        return point(str(n), call[:-1] + [call[-1], path], ["-r", b.deep])

    counts = (1, 10, 100, 1000)
    records = b.scaled((1000, 10000, 100000), (500, 5000))
    target = os.path.join(b.grants, "d0", "0.txt")
    sub = ["-r", b.tree]
    return [
        Case("grow-grants", "a stat, by grants (-r)",
             [point(str(n), call + [target], grants(n)) for n in counts], 10, growth=True),
        Case("grow-grants-start", "start, by grants (-r)", [start_with(n) for n in counts], 5, "ms",
             growth=True),
        Case("grow-depth", "a stat, by depth below the grant", [deep(n) for n in (0, 4, 16, 64)], 6,
             growth=True),
        Case("grow-threads", "an open + close, by threads",
             [point(str(n), b.script("open_threads", os.path.join(b.tree, "0.txt"), n,
                                     b.scaled(2000, 400) // n), sub, pin=False) for n in (1, 2, 4, 8, 16)],
             8, growth=True),
        Case("grow-records", "a stat, by records in the log",
             [point(str(n), [b.calls, "stat", "1", str(n), target], ["-r", b.grants]) for n in records], 9,
             growth=True),
        Case("grow-directories", "a stat by dirfd, by directories held open",
             [point(str(n), b.script("directories", b.tree, n, b.scaled(2000, 400)), sub)
              for n in (1, 10, 100, 900)], 6, growth=True),
    ]


# ---------------------------------------------------------------------- the sitting

def make_files(b):
    """The trees that the workloads look at, and a directory for each of many grants."""
    b.tree, b.files = os.path.join(b.tmp, "tree"), os.path.join(b.tmp, "files")
    b.grants, b.deep = os.path.join(b.tmp, "grants"), os.path.join(b.tmp, "deep")

    def put(path, text):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)

    put(os.path.join(b.tree, "0.txt"), "x" * 500)
    for n in range(b.n_files):
        put(os.path.join(b.files, f"d{n // FILES_PER_DIR}", f"{n}.txt"), "x" * 500)
    for n in range(1000):
        put(os.path.join(b.grants, f"d{n}", "0.txt"), "x")
    for n in (0, 4, 16, 64):
        put(os.path.join(b.deep, *["d"] * n, "0.txt"), "x")


FAMILIES = (call_cases, rule_cases, process_cases, refusal_cases, program_cases, write_cases, compute_cases, stream_cases, start_cases,
            memory_cases, export_cases, side_by_side, batch_cases, growth_cases, warm_cases)


def all_cases(b):
    return [case for family in FAMILIES for case in family(b)]


def chosen(cases, only):
    """A name, or the part before its dash: `grow` is every grow-…"""
    return [c for c in cases if not only or c.name in only or c.name.split("-")[0] in only]


def main_label(case):
    return "proctor" if "proctor" in case.samples else "proctor, no log"


def print_main(cases):
    rows = []
    for case in (c for c in cases if not c.growth):
        label = main_label(case)
        met = case.met()
        shown = [amount(case.median(x), case.unit) for x in ("native", "floor", label)]
        rows.append([case.title, *shown,
                     times(case.ratio(label, "native")), times(case.ratio(label, "floor")),
                     times(case.best_ratio(label, "native")), times(case.best_ratio(label, "floor")),
                     times(case.cpu_ratio(label, "native")), case.goal.text if case.goal else "",
                     "" if not case.goal else "not run" if met is None else "yes" if met else "no"])
    if rows:
        table(rows, ["what", "native", "floor", "proctor", "/native", "/floor", "best/n", "best/f", "cpu/n",
                     "goal", "met?"])


def print_others(cases):
    """What is in no column of the table above: other ways to run proctor, and the peers."""
    rows = []
    for case in (c for c in cases if not c.growth):
        for label in case.samples:
            if label in ("native", "floor", main_label(case)):
                continue
            rows.append([case.title, label, amount(case.median(label), case.unit),
                         times(case.ratio(label, "native")), times(case.best_ratio(label, "native")),
                         times(case.cpu_ratio(label, "native")),
                         times(case.ratio(main_label(case), label))])
    if rows:
        print()
        table(rows, ["what", "run as", "median", "/native", "best/n", "cpu/n", "proctor/this"])


def print_growth(cases):
    for case in (c for c in cases if c.growth and c.samples):
        labels = list(case.samples)
        print(f"\n{case.title}: " + ", ".join(
            f"{x}: {amount(case.median(x), case.unit)} ({times(case.ratio(x, labels[0]))})" for x in labels))


def print_notes(b, cases):
    print()
    for name, found in b.peers.items():
        if not isinstance(found, list):
            print(f"not compared with {name}: {found}")
    for case in cases:
        for label, why in case.failed.items():
            print(f"FAILED {case.name}, {label}: {why}")
    for note in b.notes:
        print(note)


def version_of(argv):
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()


def modules_at_start(b):
    """How many modules the interpreter imports by itself: .pth files of packages add to them."""
    out = subprocess.run([b.python, "-c", "import sys; print(len(sys.modules))"], env=b.env,
                         capture_output=True, text=True, check=False).stdout
    return int(out) if out.strip().isdigit() else None


def write_json(b, cases, began, load):
    document = {
        "schema": "proctor.bench/1",
        "date": began.isoformat(timespec="seconds"),
        "quick": b.options.quick,
        "machine": machine(),
        "load_before": load,
        "proctor": version_of([b.proctor, "--version"]),
        "python": {"path": b.python, "version": version_of([b.python, "--version"]),
                   "modules_at_start": modules_at_start(b)},
        "environment": b.env,
        "peers": {k: " ".join(v) if isinstance(v, list) else None for k, v in b.peers.items()},
        "notes": b.notes,
        "cases": [case.as_json() for case in cases],
    }
    with open(b.options.json, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
        file.write("\n")


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--proctor", default="./proctor", help="the program; floor and work_calls are in "
                        "bench/ beside it")
    parser.add_argument("--python", default="/usr/bin/python3", help="interpreter that is measured")
    parser.add_argument("--quick", action="store_true", help="at most a minute; rougher")
    parser.add_argument("--only", action="append", metavar="NAME", help="this case or group (repeatable)")
    parser.add_argument("--list", action="store_true", help="name the cases and stop")
    parser.add_argument("--json", default="bench.json", metavar="FILE", help="where the samples go")
    parser.add_argument("--tmp", help="where files, logs and trees are made (default: the system's)")
    return parser.parse_args()


def sit(b):
    make_files(b)
    every = all_cases(b)
    cases = chosen(every, b.options.only)
    if b.options.list or not cases:
        print("\n".join(f"{c.name:20} {c.title}" for c in every))
        return 0 if b.options.list else 64
    began, load = datetime.datetime.now(datetime.timezone.utc), os.getloadavg()
    for number, case in enumerate(cases):
        print(f"\r\033[K[{number + 1}/{len(cases)}] {case.title}" if sys.stderr.isatty() else
              f"[{number + 1}/{len(cases)}] {case.title}", end="" if sys.stderr.isatty() else "\n",
              file=sys.stderr, flush=True)
        case.measure(b.scale)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    host = machine()
    print(f"{host['cpu']}, {host['cpus']} CPUs, Linux {host['kernel']}, load {load[0]:.1f} before and "
          f"{host['load'][0]:.1f} after, {version_of([b.python, '--version'])} "
          f"({modules_at_start(b)} modules at its start)")
    print("medians of interleaved runs, and the ratio of the best (best/n to native, best/f to the floor); "
          "cpu/n: CPU time to native's; single calls with everything on one core")
    if max(load[0], host["load"][0] - host["cpus"]) > host["cpus"] / 2:
        print("the machine had other work: look at the best, and measure again when it is idle")
    print()
    print_main(cases)
    print_others(cases)
    print_growth(cases)
    print_notes(b, cases)
    write_json(b, cases, began, load)
    return 1 if any(case.failed for case in cases) else 0


def main():
    options = parse_options()
    with tempfile.TemporaryDirectory(prefix="proctor-bench-", dir=options.tmp) as tmp:
        b = Bench(options, tmp)
        b.notes = []
        for program in (b.proctor, b.floor, b.calls):
            if not os.access(program, os.X_OK):
                print(f"{program}: not there; `make bench` builds it", file=sys.stderr)
                return 1
        return sit(b)


if __name__ == "__main__":
    sys.exit(main())
