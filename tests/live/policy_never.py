#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a policy says is what the run does. Random policies and programs: what `never` forbids is refused every
time, whatever its row in the table of calls says; a log decided again under its own policy is the same; what
`policy test` says of a path is what the program finds, and what it finds is what it is shown in listings.
And single calls whose effect is seen from outside.

POLICY_NEVER_RUNS (36) random runs; POLICY_NEVER_SEED repeats one run of the test."""

import errno
import json
import os
import random
import re
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
import harness as h

RUNS = int(os.environ.get("POLICY_NEVER_RUNS", "36"))
SEED = int(os.environ.get("POLICY_NEVER_SEED") or random.SystemRandom().randrange(1 << 32))

# Of every class of the table; none blocks or ends a program with these arguments. An interpreter's start may
# need some of them where the C library is another: then the run fails, and only the records are compared.
CALLS = {
    "getpid": (), "getppid": (), "getpgrp": (), "sched_yield": (), "umask": (0o22,), "uname": (0,), "times": (0,),
    "getcpu": (0, 0, 0), "getrusage": (0, 0), "getitimer": (0, 0), "alarm": (0,), "getpgid": (0,), "getsid": (0,),
    "getpriority": (0, 0), "dup": (1,), "pipe2": (0, 0), "eventfd2": (0, 0), "epoll_create1": (0,), "poll": (0, 0, 0),
    "timerfd_create": (1, 0), "socketpair": (1, 1, 0, 0), "readv": (0, 0, 0), "preadv": (0, 0, 0, 0),
    "membarrier": (0, 0, 0), "mremap": (0, 0, 0, 0), "mlock": (0, 0), "msync": (0, 0, 0), "madvise": (0, 0, 0),
    "personality": (0xFFFFFFFF,), "prctl": (16, 0), "rt_sigpending": (0, 8), "sched_getscheduler": (0,), "tkill": (0, 0),
    "getgroups": (0, 0), "fsync": (1,), "fdatasync": (1,), "statfs": (0, 0), "statx": (0, 0, 0, 0, 0), "stat": (0, 0),
    "chdir": (0,), "readlinkat": (-100, 0, 0, 0), "mkdir": (0, 0), "unlink": (0,), "rename": (0, 0), "getxattr": (0, 0, 0),
    "openat2": (-100, 0, 0, 0), "open": (0, 0), "faccessat2": (-100, 0, 0, 0), "getdents": (-1, 0, 0), "socket": (1, 1, 0),
    "bpf": (0, 0, 0), "ptrace": (0, 0, 0, 0), "setuid": (0,), "capget": (0, 0), "mincore": (0, 0, 0), "io_setup": (0, 0),
    "clone3": (0, 0), "fork": (), "shmget": (0, 0, 0), "close_range": (400, 400, 0), "dup3": (1, 1, 0), "shutdown": (1, 9),
    "pidfd_open": (0, 0), "setfsuid": (-1,), "setrlimit": (99, 0), "timer_create": (99, 0, 0), "getsockname": (1, 0, 0),
    "mseal": (0, 0, 1), "sendto": (0, 0, 0, 0, 0, 0), "pread64": (-1, 0, 0, 0), "execveat": (-1, 0, 0, 0, 0),
}

PROGRAM = r"""
import ctypes, json, os, sys
libc = ctypes.CDLL(None, use_errno=True)
calls, paths, directories = json.loads(%r)
def attempt(nr, *args):
    got = libc.syscall(nr, *map(ctypes.c_long, args))
    return -ctypes.get_errno() if got == -1 else got
def tried(f, *args):
    try: f(*args)
    except OSError as error: return error.errno
    return 0
def listed(path):
    try: return sorted(os.listdir(path))
    except OSError as error: return error.errno
told = {'calls': [[name, attempt(nr, *args)] for name, nr, args in calls],
        'lstat': {p: tried(os.lstat, p) for p in paths},
        'read': {p: tried(lambda: os.close(os.open(p, os.O_RDONLY))) for p in paths},
        'listed': {p: listed(p) for p in directories}}
for p in paths:
    for f in os.stat, os.readlink, os.unlink, os.mkdir, lambda p: os.open(p, 1): tried(f, p)
os.write(1, json.dumps(told).encode())
"""

TREE = ["a", "b.ans", "d/a", "d/b.ans", "d/e/a", "d/e/c.ans", "f/a", "f/g/h/a"]
SHAPES = ["%{box}/d/*.ans", "%{box}/*/a", "%{box}/f/**", "%{box}/d", "%{box}/d/e", "%{box}/a", "%{box}/*.ans",
          "%{box}/f/g/", "%{box}/*/e/**", "%{box}/gone", "%{box}/link", "/usr/share/zoneinfo", "/etc/hostname",
          "%{box}/f/g/h", "%{box}/**", "/etc/passwd"]


NUMBERS = {name: nr for nr, name, _ in h.rows()}


def make_tree():
    box = h.place()
    for name in TREE:
        h.put(box, name, "x")
    os.symlink("d/a", box + "/link")
    os.symlink("/etc/passwd", box + "/away")
    return box


def random_policy(rng, box):
    """The text and the names of calls that it forbids."""
    def some(most):
        return [s.replace("%{box}", box) for s in rng.sample(SHAPES, rng.randrange(most + 1))]

    never = rng.sample(sorted(CALLS), rng.randrange(7))
    on_deny = rng.choice(["errno:EACCES", "errno:EPERM", "errno:ENOENT", "errno:ENOSYS", "errno:EROFS"])
    lines = ["version: 1", "extends: " + rng.choice(["builtin:pure", "builtin:python"]), "on_deny: " + on_deny,
             "read: " + json.dumps(some(3)), "hide: " + json.dumps(some(4)),
             "never: " + json.dumps(never + [p for p in some(1) if "*" not in p]),
             "log: {calls: %s}" % rng.choice(["brokered", "brokered", "all"])]
    return "\n".join(lines) + "\n", never, getattr(errno, on_deny[6:])


def all_paths(box):
    found = [box]
    for top, directories, files in os.walk(box):
        found += [os.path.join(top, name) for name in directories + files]
    return sorted(found), sorted([box] + [p for p in found if os.path.isdir(p) and not os.path.islink(p)])


def command_line(rng, box, program):
    """A script in the box, outside it with its directory granted, a module, or -c."""
    kind = rng.choice(["script", "script", "elsewhere", "module", "-c", "-c -r"])
    grant = ["-r", box]
    if kind == "script":
        return kind, [h.PYTHON, h.put(box, "s.py", program)], [], box
    if kind == "elsewhere":
        return kind, [h.PYTHON, h.put(h.place(), "s.py", program)], grant, "/"
    if kind == "module":
        h.put(box, "mod.py", program)
        return kind, [h.PYTHON, "-m", "mod"], [], box
    return kind, [h.PYTHON, "-c", program], grant if kind == "-c -r" else [], box


def policy_test(policy, options, *words, **more):
    return subprocess.run([h.PROCTOR, "policy", "test", *options, policy, *words], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **more)


def compare(run, told, never, refused, box, directories):
    """What the program was told, against the policy and against itself."""
    wrong = []
    for name, got in told["calls"]:
        if name in never and got != -refused:
            wrong.append(f"{name} is forbidden and answered {got}")
    for directory in directories:
        listed = told["listed"][directory]
        if not isinstance(listed, list):
            continue
        # What nothing grants is absent to a look alone: a rule for a directory grants the names in it.
        hides = {r["file"]["path"] for r in run.calls(decision="hide") if r.get("file", {}).get("path") and r["rule"]["id"] == "hide"}
        for name in os.listdir(directory):
            path = os.path.join(directory, name)
            # The record, not the program, says what was hidden when it was looked at.
            if path in told["lstat"] and told["lstat"][path] == errno.ENOENT and path in hides and name in listed:
                wrong.append(f"{path} is hidden and listed")
            if path in told["lstat"] and told["lstat"][path] == 0 and name not in listed:
                wrong.append(f"{path} is there and not listed")
    return wrong


def answers(policy, options, script, box, paths):
    """What `policy test` says: {(use, path): errno, or 0}."""
    asked = [(use, path) for path in paths for use in ("lstat", "read")]
    lines = "".join(f"{use} {path}\n" for use, path in asked)
    told = policy_test(policy, [*options, "--python", h.PYTHON, "--script", script], "--from", "-", input=lines.encode(), cwd=box)
    found = {}
    for (use, path), line in zip(asked, [l for l in told.stdout.decode().splitlines() if re.match(r"(allow|hide|deny|error) ", l)]):
        words = line.split()
        if words[0] == "allow":
            found[use, path] = 0
        else:
            found[use, path] = getattr(errno, re.sub(r"\(.*", "", line).split()[-1])
    return found, told.stdout


def unlike(told, found):
    """Paths that the program found otherwise than `policy test` says."""
    return [(use, path, told[use][path], wanted) for (use, path), wanted in found.items() if told[use][path] != wanted]


def shown_again(policy, options, script, box, paths):
    """The policy that `policy show` prints answers alike: the rules that it cannot say (links) aside."""
    shown = subprocess.run([h.PROCTOR, "policy", "show", *options, "--python", h.PYTHON, "-p", policy, script], stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL)
    again = h.put(h.place(), "shown.yaml", shown.stdout)
    first, second = (answers(p, o, script, box, paths)[0] for p, o in ((policy, options), (again, [])))
    return [(k, first[k], second.get(k)) for k in first if first[k] != second.get(k) and not os.path.islink(k[1])]


def recorded(run, never):
    """In the log every call that `never` names is refused by it."""
    wrong = [r for r in run.records if r["kind"] == "call" and r["event"]["action"] in never and
             (r["decision"]["action"] != "deny" or r["rule"]["id"] != "never" or not r["decision"].get("violation"))]
    return wrong[:1]


def random_run(rng, number):
    box = make_tree()
    text, never, refused = random_policy(rng, box)
    policy = h.put(h.place(), "p.yaml", text)
    paths, directories = all_paths(box)
    names = never + rng.sample(sorted(CALLS), 8)
    rng.shuffle(names)
    program = PROGRAM % json.dumps([[(n, NUMBERS[n], CALLS[n]) for n in names], paths, directories])
    kind, words, options, cwd = command_line(rng, box, program)
    run = h.proctor(words, "-p", policy, "--quiet", *options, cwd=cwd)
    about = f"run {number} ({kind})"
    where = f"seed {SEED}, {' '.join(words[:2])[:100]} {' '.join(options)}\n{text}"
    if run.status == 65:  # a read rule beneath a never rule: no policy
        return None
    if run.status == 126:  # what it hides or forbids is the program itself: told before the start
        return None if h.check(f"{about}: not started, and nothing left", run.verdict == {} and not os.path.exists(run.log_path)) else False
    again = policy_test(policy, options, run.log_path, cwd="/")
    good = h.check(f"{about}: decided again, nothing changes", again.returncode == 0 and
                   b"\n0 of " in b"\n" + again.stdout, again.stdout.decode(), where)
    good &= h.check(f"{about}: every forbidden call is refused as such", not recorded(run, never), recorded(run, never), where)
    if not run.out:
        return good
    wrong = compare(run, json.loads(run.out), never, refused, box, directories)
    good &= h.check(f"{about}: the program finds what the policy says", not wrong, wrong, where)
    if kind in ("script", "elsewhere"):
        found, said = answers(policy, options, words[1], box, paths)
        wrong = unlike(json.loads(run.out), found)
        good &= h.check(f"{about}: and what policy test says", found and not wrong, wrong, said.decode(), where)
        wrong = shown_again(policy, options, words[1], box, paths)
        good &= h.check(f"{about}: as does the policy that policy show prints", not wrong, wrong, where)
    done = {n for n, _ in json.loads(run.out)["calls"] if n in never}
    missing = done - {r["event"]["action"] for r in run.calls()}
    good &= h.check(f"{about}: each is in the log", not missing, missing, where)
    return good


# ---------------------------------------------------------------- seen from outside


def forbidding(name, program, *options, **popen):
    policy = h.put(h.place(), "p.yaml", f"version: 1\nextends: builtin:pure\nnever: [{name}]\n")
    return h.proctor([h.PYTHON, "-c", program], "-p", policy, "--quiet", *options, **popen)


def effects():
    run = forbidding("write", "import os\ntry: os.write(1, b'x')\nexcept OSError as e: os._exit(e.errno)")
    h.check("never: [write]: nothing is written", run.out == b"" and run.status == errno.EACCES, run)
    run = forbidding("kill", "import os, signal\ntry: os.kill(os.getpid(), signal.SIGKILL)\nexcept OSError: print('lives')")
    h.check("never: [kill]: no signal", run.out == b"lives\n" and run.verdict["status"] == "OK", run)
    run = forbidding("clone", "import threading\ntry: threading.Thread(target=print).start()\nexcept RuntimeError: print('none')")
    h.check("never: [clone]: no thread", run.out == b"none\n" and run.last("summary")["threads_peak"] == 1, run)
    run = forbidding("getpid", "import os\ntry: os.getpid()\nfinally: print('end')", "--calls", "all")
    h.check("never with --calls all", [r["rule"]["id"] for r in run.calls("getpid")] == ["never"], run.calls("getpid"))
    h.equal("it is a violation", run.verdict["violations"], 1)
    run = forbidding("getpid", "import os; print(os.getpid() > 0)", "--mode", "audit")
    h.check("audit mode lets it through and marks it", run.out == b"True\n" and
            [(r["rule"]["id"], r["decision"]["enforced"]) for r in run.calls("getpid")] == [("never", False)], run.calls("getpid"))
    policy = h.put(h.place(), "k.yaml", "version: 1\nextends: builtin:pure\non_deny: kill\nnever: [umask]\n")
    run = h.proctor([h.PYTHON, "-c", "import os; print(1, flush=True); os.umask(0); print(2)"], "-p", policy)
    h.check("with on_deny: kill the run ends", run.out == b"1\n" and run.verdict["status"] == "PV", run)
    told = subprocess.run([h.PROCTOR, "explain", run.log_path], stdout=subprocess.PIPE).stdout
    h.check("explain names the rule", b"k.yaml:4:9" in told and b"`never` refuses it" in told, told.decode())


def vsyscall():
    """The page whose functions are system calls without their instruction."""
    program = "import ctypes; t = ctypes.c_long(5); f = ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_void_p)" \
              "(0xffffffffff600400); print(f(0))"
    plain = h.native([h.PYTHON, "-c", program])
    if plain.status:
        return h.skip("calls by the vsyscall page", "this kernel has none")
    run = forbidding("time", program)
    h.equal("calls by the vsyscall page are refused too", run.out, b"-%d\n" % errno.EACCES)


def told_before():
    def check(text):
        policy = h.put(h.place(), "p.yaml", "version: 1\n" + text)
        run = subprocess.run([h.PROCTOR, "policy", "check", policy], stderr=subprocess.PIPE)
        return run.returncode, run.stderr

    for name in "exit", "exit_group", "rt_sigreturn", "restart_syscall":
        got = check(f"never: [{name}]\n")
        h.check(f"never: [{name}] is an error", got[0] == 65 and b":2:9: never: %s cannot be" % name.encode() in got[1], got)
    for name, text in ("mmap", b"does not start"), ("clock_gettime", b"vdso(7)"), ("clone3", b"ENOSYS"), ("opeat", b"no system call"):
        got = check(f"never: [{name}]\n")
        h.check(f"never: [{name}] is a doubt", got[0] == 0 and b"warning: never: " in got[1] and text in got[1], got)
    run = forbidding("mmap", "print(1)")
    h.check("what no start does without fails the start and is told", run.warm or run.out == b"" and run.status != 0 and
            run.refused() and run.refused()[0]["rule"]["id"] == "never", run)
    got = subprocess.run([h.PROCTOR, "policy", "show", "--filter", "-p", h.put(h.place(), "p.yaml", "version: 1\nnever: [umask]\n")],
                         stdout=subprocess.PIPE).stdout
    usual = subprocess.run([h.PROCTOR, "policy", "show", "--filter"], stdout=subprocess.PIPE).stdout
    h.check("show --filter prints the filter of this policy", got and usual and got != usual, got[:200])


def main():
    print(f"# seed {SEED}", flush=True)
    rng = random.Random(SEED)
    effects()
    vsyscall()
    told_before()
    outcomes = [random_run(rng, n) for n in range(RUNS)]
    h.check("most random policies were policies", RUNS < 8 or outcomes.count(None) < RUNS / 2, outcomes)
    h.finish()


main()
