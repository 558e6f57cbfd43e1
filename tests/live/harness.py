# SPDX-License-Identifier: Apache-2.0
"""What the live tests share: run proctor, run the same natively, read log and verdict, tell.

Every check is one sentence; `finish()` closes with `N passed, N failed` and exits 1 on a failure.
A test that cannot be made here says why: `skip()` for a part, `skip_all()` (exit 77) for a file.
The native run gets the environment that proctor gives its programs, so the two can be compared.
Every process that a test leaves behind becomes a child of this one (PR_SET_CHILD_SUBREAPER), so
that `survivors()` sees it.
"""

import atexit
import contextlib
import ctypes
import errno
import glob
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import warmth

PROCTOR = os.path.abspath(os.environ.get("PROCTOR", "./proctor"))
SYSTEM_PYTHON = "/usr/bin/python3"
PYTHON = SYSTEM_PYTHON if os.path.exists(SYSTEM_PYTHON) else os.path.realpath(sys.executable)
PATH = "/usr/local/bin:/usr/bin:/bin"
EXIT_CHILD = {"time": 124, "failed": 125, "cannot": 126, "missing": 127}
EXIT_VERDICT = {"OK": 0, "RE": 10, "SG": 11, "TO": 12, "ML": 13, "OL": 14, "PV": 15, "XX": 70}
# Machine noise: how much later than promised something may be seen from outside, in seconds.
MARGIN = float(os.environ.get("LIVE_MARGIN") or max(1.5, os.getloadavg()[0] / (os.cpu_count() or 1) / 2))
HERE = os.path.dirname(os.path.abspath(__file__))

libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER

# What nohup or a background job of a shell ignores would be ignored by everything started here.
for _number in signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM:
    if signal.getsignal(_number) == signal.SIG_IGN:
        signal.signal(_number, signal.SIG_DFL)

passed = failed = skipped = 0


# ---------------------------------------------------------------- telling


def check(sentence, fact, *detail):
    """One check. DETAIL is printed only when it fails."""
    global passed, failed
    if fact:
        passed += 1
        print("ok   " + sentence, flush=True)
    else:
        failed += 1
        print("FAIL " + sentence + "".join("\n     " + short(d) for d in detail), flush=True)
    return bool(fact)


def equal(sentence, got, wanted):
    return check(sentence, got == wanted, "got    " + short(got), "wanted " + short(wanted))


def skip(sentence, reason):
    global skipped
    skipped += 1
    print(f"skip {sentence}: {reason}", flush=True)


def skip_all(reason):
    print(f"skip: {reason}", flush=True)
    sys.exit(77)


def finish():
    warmth.tell(check)
    tail = f", {skipped} skipped" if skipped else ""
    print(f"{passed} passed, {failed} failed{tail}", flush=True)
    sys.exit(1 if failed else 0)


def short(value, limit=1500):
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else text[: limit // 2] + " [...] " + text[-limit // 2 :]


def title(text):
    print("# " + text, flush=True)


# ---------------------------------------------------------------- the host


def sanitized():
    with open(PROCTOR, "rb") as program:
        return b"__asan_init" in program.read()


def no_terminal():
    """Why no pseudo-terminal can be made here, or None."""
    try:
        for fd in os.openpty():
            os.close(fd)
    except OSError as error:
        return f"no pseudo-terminal can be made ({error.strerror}): is /dev/pts mounted?"
    return None


def proctor_for(uid):
    """A proctor that user UID can start, or None. The build may lie below a directory that is closed to
    others, as /root is: then it is a copy."""
    who = {"user": uid, "group": uid, "extra_groups": []}

    def starts(path):
        return native(["test", "-x", path], **who).status == 0

    if starts(PROCTOR):
        return PROCTOR
    directory = place()
    os.chmod(directory, 0o755)
    copy = shutil.copy(PROCTOR, os.path.join(directory, "proctor"))
    return copy if starts(copy) else None


def interpreters(oldest=(3, 9), newest=(3, 99)):
    """Interpreters of this machine: the system's, then pyenv's; [(version, path)]."""
    found = [(sys_version(SYSTEM_PYTHON), SYSTEM_PYTHON)] if os.path.exists(SYSTEM_PYTHON) else []
    roots = [os.environ.get("PYENV_ROOT"), os.path.expanduser("~/.pyenv")]
    for root in dict.fromkeys(r for r in roots if r):
        for path in glob.glob(root + "/versions/*/bin/python"):
            parts = path.split("/")[-3].split(".")
            if len(parts) >= 2 and all(p.isdigit() for p in parts):
                found.append((tuple(map(int, parts)), path))
    return sorted(((v, p) for v, p in found if oldest <= v[:2] <= newest), key=lambda f: f[1] != SYSTEM_PYTHON)


def sys_version(python):
    out = subprocess.run(
        [python, "-c", "import sys; print(*sys.version_info[:3])"], stdout=subprocess.PIPE, check=True
    ).stdout
    return tuple(map(int, out.split()))


def not_held(python=PYTHON):
    """Why no pool can hold PYTHON, so that nothing starts warm from it, or None. By its version alone: a pool that
    fails otherwise is a failure."""
    done = subprocess.run([python, "-c", "import sys; print(*sys.version_info[:2], sys.implementation.name)"], capture_output=True)
    version, _, name = done.stdout.decode().strip().rpartition(" ")
    if name == "cpython" and (3, 9) <= tuple(map(int, version.split())) <= (3, 13):
        return None
    return f"{python} is {name or 'no Python'} {version.replace(' ', '.')}: CPython 3.9 to 3.13 can be held by a pool"


if warmth.MODE and not_held():
    print(f"# not made warm: {not_held()}", flush=True)
    warmth.MODE = None


def clean_env(**more):
    """What proctor gives a program. The test's own environment is this too, so nothing differs."""
    env = {"PATH": PATH, "PYTHONDONTWRITEBYTECODE": "1"}
    for name, value in os.environ.items():
        if name in ("HOME", "LANG", "LANGUAGE", "TZ", "TERM") or name.startswith("LC_"):
            env[name] = value
    env.update(more)
    return env


def rows():
    """[(number, name, argument kinds)] of the table of calls."""
    top = os.environ.get("top_srcdir") or os.path.join(HERE, "..", "..")
    with open(os.path.join(top, "tracee/syscalls.c")) as text:
        table = text.read().partition("syscall_row rows[] = {")[2]
    # A comment may stand behind a row.
    found = re.findall(r"^\t\[(\d+)\] = (\w+\(.*?\)),(?: /\*.*?\*/)?$", table, re.M | re.S)
    told = []
    for nr, row in found:
        name, args = re.findall(r'"(\w+)"((?:, *\w+)*)\s*\)$', re.sub(r"\s+", " ", row))[0]
        told.append((int(nr), name, re.findall(r"\w+", args)))
    return told


# ---------------------------------------------------------------- places

_places = []


def place():
    """A new directory, removed at the end."""
    path = os.path.realpath(tempfile.mkdtemp(prefix="proctor-run-"))
    _places.append(path)
    return path


@atexit.register
def _remove_places():
    for path in _places:
        # What a program has closed to its own user.
        for directory, names, _ in os.walk(path):
            for name in names:
                inner = os.path.join(directory, name)
                if not os.path.islink(inner) and not os.access(inner, os.R_OK | os.W_OK | os.X_OK):
                    with contextlib.suppress(OSError):
                        os.chmod(inner, 0o700)
        shutil.rmtree(path, ignore_errors=True)


def put(directory, name, text):
    path = os.path.join(directory, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(text.encode() if isinstance(text, str) else text)
    return path


# ---------------------------------------------------------------- runs


def small_disk():
    """For preexec_fn: writing beyond 2 MiB of a file fails. Proctor itself needs a file of 1 MiB."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, 2 << 20))


class Run:
    """What one run left: status (negative: proctor itself died by that signal), out, err, seconds."""

    def __init__(self, status, out, err, seconds, log_path, verdict_path):
        self.status, self.out, self.err, self.seconds = status, out, err, seconds
        self.log_path, self.verdict_path = log_path, verdict_path
        self._records = None

    @property
    def records(self):
        if self._records is None:
            self._records = read_log(self.log_path) if self.log_path else []
        return self._records

    @property
    def verdict(self):
        try:
            with open(self.verdict_path) as text:
                return json.load(text)
        except (OSError, TypeError, ValueError):
            return {}

    @property
    def warm(self):
        """Was it adopted? Then its program is no child of proctor's."""
        return self.verdict.get("warm", {}).get("mode", "cold") != "cold"

    def calls(self, action=None, path=None, decision=None):
        return [
            r
            for r in self.records
            if r["kind"] == "call"
            and (action is None or r["event"]["action"] == action)
            and (path is None or r.get("file", {}).get("path") == path)
            and (decision is None or r["decision"]["action"] == decision)
        ]

    def refused(self):
        """The calls that count as violations."""
        return [r for r in self.records if r["kind"] == "call" and r["decision"].get("violation")]

    def last(self, kind):
        found = [r for r in self.records if r["kind"] == kind]
        return found[-1] if found else None

    def __repr__(self):
        return (
            f"status {self.status}, out {short(self.out, 600)}, err {short(self.err, 600)}, "
            f"verdict {short(json.dumps(self.verdict), 800)}"
        )


def read_log(path):
    """Every line of a log, parsed, with the stacks of calls where they belong; ValueError for a line that is no JSON."""
    with open(path, "rb") as log:
        return whole_stacks([json.loads(line) for line in log.read().splitlines()])


def whole_stacks(records):
    """RECORDS with the stack that a call names by a number in its own record, as proctor-log(5) has it."""
    objects, stacks = {}, {}

    def whole(value):
        if isinstance(value, int):
            return objects[value]
        if "n" in value:
            value = dict(value)
            objects[value.pop("n")] = value
        return value

    def frames(stack, name):
        for value in stack[name]:
            if not isinstance(value, int) and "of" in value:
                outer = stacks[value["of"]][name]
                yield from outer[len(outer) - value["outer"] :]
            else:
                yield whole(value)

    for record in records:
        stack = record.get("stack") or {}
        if record["kind"] == "stack":
            # In the order in which numbers are given.
            known = {**stack, **({"code": whole(stack["code"])} if "code" in stack else {})}
            known.update({name: list(frames(stack, name)) for name in ("python", "native") if name in stack})
            stacks[known.pop("id")] = known
        elif "id" in stack:
            known = dict(stacks[stack["id"]])
            if "code" in known:
                record["code"] = known.pop("code")
            record["stack"] = known
    return records


_count = 0
_logs = None


def command(words, *options, log=True, verdict=True, directory=None, env=None, popen=()):
    """The argument vector of one run: (argv, log, verdict). LOG and VERDICT are names, or True for new ones in DIRECTORY."""
    global _count, _logs
    _count += 1
    directory = directory or _logs
    if not directory:
        directory = _logs = place()
    argv = [PROCTOR, "run"]
    log_path = verdict_path = None
    if log:
        log_path = log if isinstance(log, str) else os.path.join(directory, f"log-{_count}.jsonl")
        argv += ["-o", log_path]
    if verdict:
        verdict_path = verdict if isinstance(verdict, str) else os.path.join(directory, f"verdict-{_count}.json")
        argv += ["--verdict", verdict_path]
    options = [str(o) for o in options]
    argv += warmth.options(PROCTOR, not_held, words, options, clean_env() if env is None else env, dict(popen))
    warmth.expect(log_path, verdict_path)
    return argv + options + ["--"] + list(words), log_path, verdict_path


def proctor(words, *options, stdin=b"", env=None, timeout=60, log=True, verdict=True, directory=None, **popen):
    """Runs WORDS under proctor to its end."""
    argv, log_path, verdict_path = command(words, *options, log=log, verdict=verdict, directory=directory, env=env, popen=popen)
    return finished(argv, log_path, verdict_path, stdin, env, timeout, popen)


def explained(log, *options):
    """What explain says about LOG."""
    done = subprocess.run(
        [PROCTOR, "explain", *options, log], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, env=clean_env()
    )
    return done.stdout.decode()


def native(words, stdin=b"", env=None, timeout=60, **popen):
    return finished(list(words), None, None, stdin, env, timeout, popen)


def finished(argv, log_path, verdict_path, stdin, env, timeout, popen):
    begin = time.monotonic()
    if not hasattr(stdin, "fileno") and not isinstance(stdin, int):
        popen["input"] = stdin
    else:
        popen["stdin"] = stdin
    popen.setdefault("stdout", subprocess.PIPE)
    popen.setdefault("stderr", subprocess.PIPE)
    try:
        done = subprocess.run(argv, env=clean_env() if env is None else env, timeout=timeout, **popen)
        status, out, err = done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired as late:
        status, out, err = "TIMEOUT", late.stdout, late.stderr
    err = warmth.note(log_path, verdict_path, err)
    return Run(status, out, err, time.monotonic() - begin, log_path, verdict_path)


def start(words, *options, env=None, log=True, verdict=True, **popen):
    """Starts a run; the Popen, with the paths as .log_path and .verdict_path."""
    argv, log_path, verdict_path = command(words, *options, log=log, verdict=verdict, env=env, popen=popen)
    child = subprocess.Popen(argv, env=clean_env() if env is None else env, **popen)
    child.log_path, child.verdict_path = log_path, verdict_path
    return child


def ended(child, timeout=20, out=b"", err=b""):
    """Waits for what start() began."""
    begin = time.monotonic()
    try:
        got_out, got_err = child.communicate(timeout=timeout)
        status = child.returncode
    except subprocess.TimeoutExpired:
        child.kill()
        got_out, got_err = child.communicate()
        status = "TIMEOUT"
    got_err = warmth.note(child.log_path, child.verdict_path, got_err)
    return Run(status, got_out or out, got_err or err, time.monotonic() - begin, child.log_path, child.verdict_path)


# ---------------------------------------------------------------- processes


def stat_fields(pid):
    """Fields of /proc/PID/stat from the state on, or None when the process is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as text:
            return text.read().rpartition(b") ")[2].split()
    except OSError:
        return None


def children_of(pid):
    found = []
    for task in glob.glob(f"/proc/{pid}/task/*/children"):
        try:
            with open(task) as text:
                found += map(int, text.read().split())
        except OSError:
            pass
    return found + warmth.programs_of(pid)


def descendants(pid=None):
    """Live processes beneath PID (this one): zombies do not count, nor pools that are there for runs to come."""
    found, todo, idle = [], [pid or os.getpid()], warmth.of_pools()
    while todo:
        for child in children_of(todo.pop()):
            fields = stat_fields(child)
            if fields and fields[0] not in b"ZX" and child not in idle:
                found.append(child)
            todo.append(child)
    return found


def survivors(seconds=2):
    """Processes that are still there SECONDS after everything should have ended, as text."""
    warmth.stop()
    end = time.monotonic() + seconds
    while True:
        left = descendants()
        reap()
        if not left or time.monotonic() > end:
            break
        time.sleep(0.02)
    told = []
    for pid in left:
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as text:
                told.append(f"{pid}: " + text.read().replace(b"\0", b" ").decode("utf-8", "replace"))
        except OSError:
            pass
    for pid in left:
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass
    return told


def reap():
    """Collects zombies that became ours; those of a Popen in use are left to it by not calling this."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def wait_for(fact, seconds=10):
    """Waits until FACT() is true; its value."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = fact()
        if value:
            return value
        time.sleep(0.01)
    return fact()


def waits_in(pid, *calls, seconds=10):
    """Waits until the first thread of PID sleeps in one of CALLS, by their numbers: a signal that comes
    earlier can fall between an interpreter's look for signals and its call, which then sleeps on."""

    def there():
        fields = stat_fields(pid)
        if not fields or fields[0] != b"S":
            return False
        try:
            with open(f"/proc/{pid}/syscall") as text:
                return text.read().split()[0] in map(str, calls)
        except (OSError, IndexError):
            return True  # not told here: asleep has to do

    return wait_for(there, seconds)


# ---------------------------------------------------------------- a poorer host


def borrows():
    """May duplicates of another process's descriptors be taken here (pidfd_getfd)?"""
    libc.syscall(438, -1, 0, 0)
    return ctypes.get_errno() == errno.EBADF


def forbid(*calls):
    """For preexec_fn: system calls (number, errno) fail from here on, as in a strict container."""
    import struct

    program = [(0x20, 0, 0, 0)]  # A = nr
    for number, error in calls:
        program += [(0x15, 0, 1, number), (0x06, 0, 0, 0x00050000 | error)]  # RET_ERRNO
    program += [(0x06, 0, 0, 0x7FFF0000)]  # RET_ALLOW
    code = b"".join(struct.pack("<HBBI", *line) for line in program)

    def install():
        buffer = ctypes.create_string_buffer(code)
        fprog = struct.pack("<HxxxxxxQ", len(program), ctypes.addressof(buffer))
        if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.create_string_buffer(fprog), 0, 0):
            os._exit(99)

    install.filters = True  # a pool for it has to be behind it too
    return install
