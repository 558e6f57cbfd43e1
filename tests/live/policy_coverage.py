# SPDX-License-Identifier: Apache-2.0
"""Starting an interpreter and importing what a submission may use asks for nothing that
builtin:pure refuses.

Every interpreter on this machine is run natively under strace; each path it asked for is then
decided by `proctor policy test`. Nothing runs under proctor here, so this holds whether or not the
host allows ptrace for it. Needs strace.

    policy_coverage.py [INTERPRETER...]
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

PROCTOR = os.environ.get("PROCTOR", "proctor")

# What a submission may use and some more. Not uuid and platform: before 3.9 they start processes.
PROGRAM = r'''
import sys
names = """json re decimal collections dataclasses typing datetime zoneinfo random hashlib struct csv
sqlite3 unicodedata ctypes cProfile tracemalloc faulthandler threading concurrent.futures queue asyncio
multiprocessing locale string math cmath fractions itertools functools operator bisect heapq copy
pprint textwrap io os os.path time calendar enum types contextlib inspect traceback pickle base64
binascii zlib gzip bz2 lzma array statistics secrets argparse logging unittest timeit ast dis
token tokenize keyword graphlib numbers abc weakref gc signal select selectors socket ssl readline
shutil tempfile glob fnmatch pathlib html xml.etree.ElementTree codecs encodings.idna""".split()
for name in names:
    try:
        __import__(name)
    except ImportError:
        pass
import datetime, hashlib, locale, random, time
time.localtime()
datetime.datetime.now()
hashlib.md5(b"x").hexdigest()
hashlib.sha256(b"x").hexdigest()
random.random()
try:
    locale.setlocale(locale.LC_ALL, "")
except locale.Error:
    pass
if sys.version_info >= (3, 9):
    import zoneinfo
    try:
        zoneinfo.ZoneInfo("Europe/Berlin")
    except zoneinfo.ZoneInfoNotFoundError:
        pass
if sys.version_info >= (3, 7):
    import asyncio, concurrent.futures, sqlite3
    async def nothing():
        await asyncio.sleep(0)
    asyncio.run(nothing())
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        pool.submit(len, "x").result()
    sqlite3.connect(":memory:").execute("select 1").fetchall()
'''
NUMPY = r'''
import numpy
a = numpy.random.rand(300, 300)
(a @ a).sum()
numpy.linalg.svd(a)
numpy.fft.fft(a)
'''

CALL = re.compile(rb'^(?:\d+ +)?(\w+)\((?:(AT_FDCWD)(?:<[^>]*>)?, |(-?\d+)<((?:[^>\\]|\\.)*)>, )?"((?:[^"\\]|\\.)*)"(.*)$')
LOOKS = {b"stat": "stat", b"lstat": "lstat", b"newfstatat": "stat", b"statx": "stat", b"access": "stat",
         b"faccessat": "stat", b"faccessat2": "stat", b"readlink": "lstat", b"readlinkat": "lstat",
         b"statfs": "stat", b"chdir": "stat"}
CHANGES = {b"unlink", b"unlinkat", b"rename", b"renameat", b"renameat2", b"mkdir", b"mkdirat", b"rmdir",
           b"chmod", b"fchmodat", b"symlink", b"link", b"utimensat"}


def unescape(text):
    return re.sub(rb'\\([0-7]{1,3}|.)', lambda m: bytes([int(m[1], 8)]) if m[1].isdigit() else
                  {b"n": b"\n", b"t": b"\t", b"r": b"\r"}.get(m[1], m[1]), text)


def query(line, cwd):
    """What a line of strace asked for, as a line for proctor policy test; or None."""
    match = CALL.match(line)
    if not match:
        return None
    name, _, _, directory, path, rest = match.groups()
    if name in (b"execve", b"getcwd") or not path:
        return None
    path = unescape(path)
    if not path.startswith(b"/"):
        path = (unescape(directory) if directory else os.fsencode(cwd)) + b"/" + path
    # What these mean is the tracee; the supervisor answers without the policy.
    if re.match(rb"/+proc/(self|thread-self|\d+)(/|$)|/+dev/(fd|stdin|stdout|stderr)(/|$)", path):
        return None
    if name in (b"open", b"openat", b"openat2", b"creat"):
        want = "write" if re.search(rb"O_(WRONLY|RDWR|CREAT)", rest) else "read"
    elif name in LOOKS:
        want = LOOKS[name]
        if b"AT_SYMLINK_NOFOLLOW" in rest:
            want = "lstat"
    elif name in CHANGES:
        want = "write"
    else:
        sys.exit("policy_coverage: do not know the call %r" % name)
    return os.fsencode(want) + b" " + path


def refused(interpreter, args, directory, script, env):
    """The lines of proctor policy test that refuse, with how many were asked in all."""
    trace = os.path.join(directory, "trace")
    run = subprocess.run(["strace", "-f", "-y", "-s", "4096", "-e", "trace=%file", "-o", trace, interpreter] + args,
                         cwd=directory, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, timeout=300)
    if run.returncode:
        sys.exit("policy_coverage: %s %s failed natively:\n%s" % (interpreter, args, run.stdout.decode()))
    with open(trace, "rb") as f:
        queries = sorted({q for q in (query(line, directory) for line in f) if q})
    test = subprocess.run([PROCTOR, "policy", "test", "builtin:pure", "--python", interpreter, "--script", script,
                           "--from", "-"], input=b"".join(q + b"\n" for q in queries), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=env, cwd=directory)
    lines = test.stdout.decode(errors="replace").splitlines()
    if len(lines) != len(queries):
        sys.exit("policy_coverage: proctor policy test said %d lines to %d paths: %s" %
                 (len(lines), len(queries), test.stderr.decode(errors="replace")))
    return len(queries), [l for l in lines if not re.match(r"(allow|hide) ", l)]


def interpreters(scratch):
    found = [p for p in ["/usr/bin/python3", "/usr/local/bin/python3"] if os.path.exists(p)]
    root = os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))
    found += sorted(p for p in glob.glob(root + "/versions/3.*/bin/python3"))
    for base in list(found):
        for options in [], ["--copies"], ["--system-site-packages"]:
            venv = os.path.join(scratch, "venv%d" % len(os.listdir(scratch)))
            made = subprocess.run([base, "-m", "venv", "--without-pip"] + options + [venv],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if made.returncode == 0:
                found.append(venv + "/bin/python3")
            if base != "/usr/bin/python3":
                break  # the other kinds once are enough
    return found


def has_numpy(interpreter):
    return subprocess.run([interpreter, "-c", "import numpy"], stderr=subprocess.DEVNULL).returncode == 0


def main():
    if not shutil.which("strace"):
        print("skipped: strace is not installed")
        return 77
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PYENV", "VIRTUAL_ENV", "LD_"))}
    bad = 0
    with tempfile.TemporaryDirectory(prefix="proctor-coverage-") as scratch:
        work = os.path.join(scratch, "work")
        os.mkdir(work)
        script = os.path.join(work, "program.py")
        for interpreter in sys.argv[1:] or interpreters(scratch):
            programs = [("imports", PROGRAM)]
            if has_numpy(interpreter):
                programs.append(("numpy", NUMPY))
            for name, text in programs:
                with open(script, "w") as f:
                    f.write(text)
                count, lines = refused(interpreter, [script], work, script, env)
                print("%s %-8s %4d paths, %d refused" % (interpreter, name, count, len(lines)))
                for line in lines:
                    print("    " + line)
                bad += bool(lines)
    print("ok" if not bad else "FAILED: %d programs ask for what builtin:pure refuses" % bad)
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
