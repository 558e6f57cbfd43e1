#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs fuzz_calls under proctor and looks from outside at what must not change.

  fuzz_calls.py                       the corpus, and then a fixed stretch of seeds; FUZZ_SECONDS=N goes
                                      on for N seconds, from a seed that is printed
  fuzz_calls.py --seed S [--count N] [--calls brokered|all] [--mode enforce|file|limits|x32]
                                      one run; --seconds T goes on with S+1, S+2 ...

While it runs, names in a granted directory change places with links to the outside. After every run the
other directories and all metadata in them are as before; a process beside it got no signal and goes on;
nobody has connected; the supervisor ended with a status that says what happened (never an error of its
own); the log is whole, its numbers consecutive, its hash the verdict's; no process is left."""
import argparse
import functools
import hashlib
import itertools
import json
import os
import re
import select
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "live"))
from harness import EXIT_VERDICT, PROCTOR, PYTHON, clean_env, descendants, place, put, sanitized, short  # noqa: E402

PROGRAM = os.path.join(os.path.dirname(PROCTOR), "tests/fuzz/fuzz_calls")
SEEDS = os.path.join(HERE, "corpus/calls/seeds")
STATUSES = ("OK", "RE", "SG", "TO", "ML", "OL")
LOST = 3  # fuzz_calls: a fault of its own that it could not mend
SLOW = 6 if sanitized() else 1
SAN_REPORT = re.compile(rb"ERROR: AddressSanitizer|LeakSanitizer|runtime error:|UndefinedBehavior")

VICTIM = r'''
import os, signal
for number in set(range(1, 65)) - {9, 19, 32, 33}:
    signal.signal(number, lambda got, frame: os.write(1, b"signal %d\n" % got))
os.write(1, b"ready\n")
while True:
    signal.pause()
'''


# What the grammar names and the machine lives on: modes and owners stay.
SYSTEM = ("/", "/etc", "/etc/passwd", "/usr/lib", "/sys", "/proc", "/dev/null", "/dev/shm", "/tmp")


class Broken(Exception):
    """Something that must not happen did."""


def require(fact, sentence, *detail):
    if not fact:
        raise Broken(sentence + "".join("\n  " + short(d, 3000) for d in detail))


# ---------------------------------------------------------------- the world outside

class World:
    def __init__(self):
        base = self.base = place()
        self.granted, self.outside = os.path.join(base, "granted"), os.path.join(base, "outside")
        self.secret = os.urandom(12).hex()
        for root in (self.granted, self.outside):
            self.populate(root)
        put(self.outside, "secret", self.secret)
        self.moving = os.path.join(self.granted, "moving")
        put(self.moving, "directory/file", "content of a file")
        put(self.moving, "directory/secret", "no secret")
        self.listeners = [socket.socket(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
                          socket.socket(socket.AF_UNIX)]
        self.listeners[0].bind(("127.0.0.1", 0))
        self.port = self.listeners[0].getsockname()[1]
        self.listeners[1].bind(("127.0.0.1", self.port))
        self.listeners[2].bind(os.path.join(self.outside, "socket"))
        for server in self.listeners[::2]:
            server.listen()
        self.victim = subprocess.Popen([PYTHON, "-c", VICTIM], stdout=subprocess.PIPE)
        self.victim.stdout.readline()
        self.before = self.snapshot()

    def populate(self, root):
        os.makedirs(os.path.join(root, "directory/deep/deep"))
        for name in ("file", "directory/file", "a b", 'quo"te', "per%cent", "new\nline", b"\xff\xfe\x80", "mode-000"):
            put(os.fsencode(root) if isinstance(name, bytes) else root, name, b"content of a file")
        os.chmod(os.path.join(root, "mode-000"), 0)
        os.mkfifo(os.path.join(root, "fifo"))
        for name, target in (("link-in", "file"), ("link-out", "../outside/secret"), ("link-loop", "link-loop"),
                             ("link-absolute", self.outside + "/secret"), ("link-dots", "../../../../../.."),
                             ("link-proc", "/proc/self/mem"), ("deep", "directory/deep")):
            os.symlink(target, os.path.join(root, name))

    def snapshot(self):
        """Every name with its metadata (all but the time of access) and contents."""
        found = {os.fsencode(path): os.stat(path)[:1] + os.stat(path)[4:6] for path in SYSTEM if os.path.exists(path)}
        for directory, names, files in os.walk(os.fsencode(self.base)):
            if b"moving" in names:
                names.remove(b"moving")
            for name in [b"."] + names + files:
                path = os.path.join(directory, name)
                st = os.lstat(path)
                content = None
                if stat.S_ISREG(st.st_mode) and st.st_mode & 0o777:
                    with open(path, "rb") as f:
                        content = f.read()
                elif stat.S_ISLNK(st.st_mode):
                    content = os.readlink(path)
                found[path] = (st.st_ino, st.st_mode, st.st_nlink, st.st_uid, st.st_gid, st.st_size, st.st_mtime_ns,
                               st.st_ctime_ns, content, tuple(os.listxattr(path, follow_symlinks=False)))
        return found

    def keep_moving(self, ended):
        """Links and a directory take turns, for as long as a run goes on."""
        path = functools.partial(os.path.join, self.moving)
        targets = itertools.cycle(["../file", "../../outside/secret", self.outside + "/secret", "directory", "link"])
        while not ended.wait(0.0002):
            os.symlink(next(targets), path("next"))
            os.replace(path("next"), path("link"))
            os.rename(path("directory"), path("swapped"))
            os.rename(path("swapped"), path("directory"))
            os.symlink("../../outside", path("swapped"))
            os.unlink(path("swapped"))

    def inodes(self):
        outside = os.fsencode(self.outside)
        return [str(fields[0]) for path, fields in self.before.items() if path.startswith(outside + b"/")]

    def look(self):
        """What has changed; nothing may have."""
        after = self.snapshot()
        changed = {path: (self.before.get(path), after.get(path)) for path in self.before.keys() | after.keys()
                   if self.before.get(path) != after.get(path)}
        require(not changed, "the directories have changed", changed)
        reached, _, _ = select.select(self.listeners + [self.victim.stdout], [], [], 0)
        told = os.read(self.victim.stdout.fileno(), 1000) if self.victim.stdout in reached else b""
        require(self.victim.stdout not in reached, "the process beside it was signalled", told)
        require(not reached, "somebody connected or sent", reached)
        with open(f"/proc/{self.victim.pid}/stat", encoding="ascii") as text:
            require(text.read().rpartition(") ")[2][0] in "SR", "the process beside it no longer runs")

    def close(self):
        self.victim.kill()
        self.victim.wait()
        for server in self.listeners:
            server.close()


# ---------------------------------------------------------------- one run

LIMITS = {
    "enforce": ["--wall", "10s"],
    "file": ["--wall", "10s"],
    "x32": ["--wall", "10s"],
    "limits": ["--wall", "2s", "--cpu", "200ms", "--memory", "24MiB", "--output", "20KiB", "--tasks", "6",
               "--files", "40"],
}


def check_log(path, verdict, calls, run):
    with open(path, "rb") as f:
        data = f.read()
    require(hashlib.sha256(data).hexdigest() == verdict["log"]["sha256"], "the verdict has another hash than the log")
    require(verdict["log"]["complete"], "the verdict says that the log is not complete")
    require(data.endswith(b"\n"), "the log ends within a line", data[-200:])
    records = []
    for line in data.splitlines():
        try:
            line.decode("utf-8")
            records.append(json.loads(line))
        except ValueError as error:
            raise Broken(f"a line of the log is no JSON: {error}\n  {line[:3000]!r}") from None
    require(records[0]["kind"] == "start", "the log does not begin with a start record", records[0])
    require(records[-1]["kind"] == "end", "the log does not end with an end record", records[-1])
    require(records[-1]["records"] == len(records), "the end record counts otherwise", records[-1], len(records))
    numbers = [r["event"]["sequence"] for r in records if r["kind"] in ("call", "signal", "lost")]
    require(numbers == list(range(1, len(numbers) + 1)), "the numbers in the log are not consecutive",
            [n for n, want in zip(numbers, range(1, len(numbers) + 1)) if n != want][:10])
    violations = sum(1 for r in records if r["kind"] == "call" and r["decision"].get("violation"))
    require(violations == verdict["violations"], "the verdict counts other violations", violations, verdict)
    tree, outside = os.fsencode(run.granted), os.fsencode(run.outside)
    for r in records:
        if r["kind"] == "call" and r["decision"]["action"] == "allow" and r["syscall"].get("ret", -1) >= 0:
            where = r.get("file", {}).get("path", "").encode("utf-8", "replace")
            require(not where.startswith(outside), "a call on the outside was allowed", r)
    require(tree != outside and (calls != "all" or len(numbers) > 100 or verdict["status"] != "OK"),
            "the log of all calls is too short", len(numbers))
    return len(numbers)


def one_run(world, seed, count, calls, mode):
    """(calls made, status, records); Broken when something is wrong."""
    directory = place()
    log, verdict_path = os.path.join(directory, "log"), os.path.join(directory, "verdict")
    argv = [PROCTOR, "run", "-q", "--exit", "verdict", "--calls", calls, "-o", log, "--verdict", verdict_path,
            "-r", world.granted, *LIMITS[mode], "--", PROGRAM, str(seed), str(count), world.granted, world.outside,
            str(world.victim.pid), str(world.port)] + (["x32"] if mode == "x32" else []) + world.inodes()
    before = set(descendants())
    with tempfile.TemporaryFile() as to_file:
        child = subprocess.Popen(argv, cwd=world.granted, env=clean_env(), stdin=subprocess.DEVNULL,
                                 stdout=to_file if mode == "file" else subprocess.PIPE, stderr=subprocess.PIPE)
        ended = threading.Event()
        mover = threading.Thread(target=world.keep_moving, args=(ended,))
        mover.start()
        try:
            out, err = child.communicate(timeout=40 * SLOW)
        except subprocess.TimeoutExpired:
            child.kill()
            out, err = child.communicate()
            raise Broken(f"the supervisor did not end\n  {out!r:.500}\n  {err!r:.500}") from None
        finally:
            ended.set()
            mover.join()
        if mode == "file":
            to_file.seek(0)
            out = to_file.read()
    require(not SAN_REPORT.search(err) and not SAN_REPORT.search(out), "a sanitizer reports",
            err.decode("utf-8", "replace"))
    require(child.returncode >= 0, f"the supervisor was ended by signal {-child.returncode}", err)
    with open(verdict_path, encoding="utf-8") as f:
        verdict = json.load(f)
    status = verdict["status"]
    # Too many threads or descriptors are a violation too.
    by_limit = verdict.get("limit", {}).get("name") in ("tasks", "files")
    allowed = STATUSES + (("PV",) if mode == "x32" or by_limit else ())
    require(status in allowed and EXIT_VERDICT[status] == child.returncode,
            f"status {status}, exit status {child.returncode}", verdict, err)
    require(status != "RE" or verdict["exit"]["code"] == LOST, "an exit status that the program does not have", verdict)
    # With the number of an inode: the words alone are in the program, which may write out itself.
    escapes = re.findall(rb"ESCAPE \w+ \d+\n", out)
    require(not escapes, "the outside was reached", escapes[:5])
    require(world.secret.encode() not in out + err, "the secret came out")
    records = check_log(log, verdict, calls, world)
    left = set(descendants()) - before
    if left:
        time.sleep(0.5)
        left = set(descendants()) - before
    require(not left, "processes are left", left)
    world.look()
    for name in (log, verdict_path):
        os.unlink(name)
    made = [int(n) for n in re.findall(rb"made (\d+)\n", out)]
    return max(made, default=0), status, records


class Tally:
    def __init__(self):
        self.world = World()
        self.runs = self.made = self.records = 0
        self.statuses = {}

    def run(self, seed, count, calls, mode):
        try:
            made, status, records = one_run(self.world, seed, count, calls, mode)
        except Broken as broken:
            print(f"FAIL {seed} {count} {calls} {mode}: {broken}", flush=True)
            print(f"again: {sys.argv[0]} --seed {seed} --count {count} --calls {calls} --mode {mode}")
            print(self.told())
            self.world.close()
            sys.exit(1)
        self.runs += 1
        self.made += made
        self.records += records
        self.statuses[status] = self.statuses.get(status, 0) + 1

    def told(self):
        ends = ", ".join(f"{n} {status}" for status, n in sorted(self.statuses.items()))
        return f"{self.made} calls made in {self.runs} runs, {self.records} records checked; runs that ended: {ends}"


KINDS = [("brokered", "enforce"), ("brokered", "enforce"), ("all", "enforce"), ("brokered", "limits"), ("all", "limits"),
         ("brokered", "file"), ("brokered", "enforce"), ("brokered", "x32")]


def search(tally, seed, count, seconds, kinds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        calls, mode = kinds[seed % len(kinds)]
        tally.run(seed, count, calls, mode)
        seed += 1


def replay(tally):
    with open(SEEDS, encoding="ascii") as lines:
        for line in lines:
            words = line.split("#")[0].split()
            if words:
                tally.run(int(words[0]), int(words[1]), words[2], words[3])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--calls", choices=("brokered", "all"))
    parser.add_argument("--mode", choices=sorted(LIMITS))
    parser.add_argument("--seconds", type=float)
    args = parser.parse_args()
    tally = Tally()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    kinds = [(args.calls or calls, args.mode or mode) for calls, mode in KINDS]
    if args.seed is not None and args.seconds is None:
        tally.run(args.seed, args.count, args.calls or "brokered", args.mode or "enforce")
    elif args.seed is not None or args.seconds is not None:
        seed = args.seed if args.seed is not None else int.from_bytes(os.urandom(4), "big")
        print(f"seed {seed}", flush=True)
        search(tally, seed, args.count, args.seconds, kinds)
    else:
        replay(tally)
        for seed in range(1, len(KINDS) + 1):
            tally.run(seed, 1500, *KINDS[seed - 1])
        seconds = float(os.environ.get("FUZZ_SECONDS") or 0)
        if seconds:
            seed = int(os.environ.get("FUZZ_SEED") or int.from_bytes(os.urandom(4), "big"))
            print(f"seed {seed}", flush=True)
            search(tally, seed, args.count, seconds, kinds)
    tally.world.close()
    print(tally.told())


main()
