#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is hidden is in no listing: getdents64 and the old getdents, into buffers of every size, through a
descriptor that was opened before or that the run began with, after seeking, and where descriptors have to be
handed over. Walkers do not trip over it. Without such a rule listings stay in the kernel."""

import errno
import json
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
import harness as h

POLICY = """\
version: 1
extends: builtin:pure
hide:
  - "%{submission}/tests/*.ans"
  - "%{submission}/tests/*/*.ans"
  - "%{submission}/secret"
  - "%{submission}/tests/one"
  - "%{submission}/many/hidden-*"
  - "%{submission}/only/*"
"""

HIDDEN = [r"\.ans$", r"^secret$", r"^one$", r"^hidden-"]

KIT = r"""
import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
def getdents(nr, fd, size, into=None):
    room = into or ctypes.create_string_buffer(max(size, 1))
    n = libc.syscall(nr, fd, room, size)
    if n < 0: return -ctypes.get_errno()
    data, at, found = room.raw[:n] if into is None else b'', 0, []
    while at < len(data):
        ino, off, size = struct.unpack_from('=QqH', data, at)
        name = data[at + (18 if nr == 78 else 19):at + size].split(b'\0')[0]
        found.append((os.fsdecode(name), off)); at += size
    return found
def whole(nr, fd, size):
    os.lseek(fd, 0, 0); names = []
    while True:
        got = getdents(nr, fd, size)
        if isinstance(got, int): return got
        if not got: return names
        names += [n for n, _ in got if n not in ('.', '..')]
"""

WALKERS = r"""
import glob, json, os, pathlib, shutil, sys
found = set()
for top, dirs, files in os.walk('.'): found |= set(dirs) | set(files)
found |= {os.path.basename(p) for p in glob.glob('**', recursive=True)}
found |= {p.name for p in pathlib.Path('.').rglob('*')}
for top, dirs, files, fd in os.fwalk('.'):
    found |= set(dirs) | set(files)
    for name in files: os.stat(name, dir_fd=fd)
copied = []
try: shutil.copytree('tests', '/nowhere/x', copy_function=lambda a, b: copied.append(a) or b)
except OSError as e: copied.append(type(e).__name__)
for e in os.scandir('tests'): e.stat(), e.is_dir(); found.add(e.name)
json.dump([sorted(found), os.listdir('only'), sorted(os.listdir('tests/two'))], sys.stdout)
"""

RAW = KIT + r"""
import json, os, sys, threading
early = os.open('tests', os.O_RDONLY)
first = getdents(217, early, 64)
told = {}
for nr in 217, 78:
    for size in (32, 48, 64, 100, 280, 1024, 4096, 32768, 1 << 20):
        for name in 'tests', 'many', 'only':
            fd = os.open(name, os.O_RDONLY | os.O_DIRECTORY)
            told[f'{nr} {size} {name}'] = whole(nr, fd, size)
            os.close(fd)
told['early'] = whole(217, os.dup(early), 4096)
fd = os.open('tests', os.O_RDONLY)
told['small'] = [getdents(nr, fd, 8) for nr in (217, 78)]
told['bad'] = [getdents(217, fd, 32768, ctypes.c_void_p(8)), getdents(217, -1, 100), getdents(217, 99, 100),
               getdents(217, os.open('tests', os.O_PATH), 100), getdents(217, os.open(sys.argv[0], os.O_RDONLY), 100)]
told['after bad'] = whole(217, fd, 100)
def thread(): told['thread'] = whole(217, fd, 4096)
t = threading.Thread(target=thread); t.start(); t.join()
# telldir, seekdir: from each place the rest is what it was.
os.lseek(fd, 0, 0)
all, marks = [], [0]
while True:
    got = getdents(217, fd, 64)
    if not got: break
    all += [n for n, _ in got]; marks += [off for _, off in got]
wrong = []
for i, mark in enumerate(marks):
    os.lseek(fd, mark, 0); rest = []
    while True:
        got = getdents(217, fd, 4096)
        if not got: break
        rest += [n for n, _ in got]
    if rest != all[i:]: wrong.append((i, rest, all[i:]))
told['seek'] = wrong[:2]
json.dump(told, sys.stdout)
"""


def is_hidden(name):
    return any(re.search(pattern, name) for pattern in HIDDEN)


def make_box():
    box = h.place()
    for name in ("tests/a.txt", "tests/b.txt", "tests/1.ans", "tests/2.ans", "tests/" + "y" * 200 + ".ans",
                 "tests/one/in", "tests/two/c.txt", "tests/two/3.ans", "secret/x", "only/a", "only/b/c"):
        h.put(box, name, "x")
    for i in range(3000):
        h.put(box, f"many/hidden-{i:04}", "")
    h.put(box, "many/last", "")
    return box, h.put(h.place(), "p.yaml", POLICY)


def shown(directory):
    return sorted(n for n in os.listdir(directory) if not is_hidden(n))


def walkers(box, policy):
    script = h.put(box, "walk.py", WALKERS)
    run = h.proctor([h.PYTHON, script], "-p", policy, cwd=box)
    h.check("walkers go through to their end", run.status == 0, run)
    found, only, two = json.loads(run.out or b"[[],[],[]]")
    h.check("they find what is not hidden", {"a.txt", "two", "c.txt", "many", "last", "only"} <= set(found), found)
    h.equal("they find no hidden name", [n for n in found if is_hidden(n)], [])
    h.equal("a directory with nothing but hidden names is empty", only, [])
    h.equal("a wildcard reaches as deep as it says", two, ["c.txt"])
    told = subprocess.run([h.PROCTOR, "policy", "test", policy, run.log_path], stdout=subprocess.PIPE)
    h.check("the log decided again is the same", told.returncode == 0, told.stdout.decode())
    audited = h.proctor([h.PYTHON, script], "-p", policy, "--mode", "audit", "--quiet", cwd=box)
    found = (json.loads(audited.out) if audited.out else [[]])[0]
    h.check("audit mode takes nothing out", audited.status == 0 and {"secret", "1.ans", "one"} <= set(found), audited)


def raw(box, policy, name, **popen):
    script = h.put(box, "raw.py", RAW)
    run = h.proctor([h.PYTHON, script], "-p", policy, cwd=box, **popen)
    if not h.check(f"{name}: the program runs", run.status == 0, run):
        return
    told = json.loads(run.out)
    wrong = []
    for key, got in told.items():
        words = key.split()
        if len(words) != 3:
            continue
        wanted = [] if words[2] == "only" else shown(os.path.join(box, words[2]))
        # A name that does not go in is EINVAL; a hidden one never is the reason.
        fits = all((18 if words[0] == "78" else 19) + len(n) + 8 <= int(words[1]) for n in wanted + [".", ".."])
        if got != -errno.EINVAL if not fits and isinstance(got, int) else sorted(got) != wanted:
            wrong.append((key, got, wanted))
    h.equal(f"{name}: both calls, buffers of each size: all that is shown, once", wrong, [])
    for key in "early", "after bad", "thread":
        h.equal(f"{name}: {key}", sorted(told[key]), shown(box + "/tests"))
    h.equal(f"{name}: a buffer that holds no entry", told["small"], [-errno.EINVAL] * 2)
    h.equal(f"{name}: what fails fails as in the kernel", told["bad"],
            [-errno.EFAULT, -errno.EBADF, -errno.EBADF, -errno.EBADF, -errno.ENOTDIR])
    h.equal(f"{name}: places are kept (telldir)", told["seek"], [])


def inherited(box):
    program = os.path.join(os.path.dirname(h.PROCTOR), "tests/live/list_stdin")
    if not os.path.exists(program):
        return h.skip("a directory on stdin", "tests/live/list_stdin is not built beside proctor")
    other = h.place()
    h.put(other, "seen", "")
    h.put(other, "unseen", "")
    hide = f'["{box}/tests/*.ans", "{box}/tests/one", "{other}/unseen"]'
    policy = h.put(h.place(), "q.yaml", f"version: 1\nextends: builtin:pure\nhide: {hide}\n")
    for sentence, directory, options in ("a granted directory", f"{box}/tests", ("-r", box)), ("another", other, ()):
        fd = os.open(directory, os.O_RDONLY)
        run = h.proctor([program], "-p", policy, *options, stdin=fd)
        os.close(fd)
        wanted = shown(directory) if options else ["seen"]
        h.equal(f"on stdin: {sentence}", sorted(os.fsdecode(run.out).split()), wanted)


def only_where_needed(box):
    """The log has a record of each call that stopped: without a hidden name listings do not."""
    script = h.put(box, "list.py", "import os; print(sorted(os.listdir('tests'))[:2])")
    run = h.proctor([h.PYTHON, script], cwd=box)
    h.check("where nothing is hidden no listing stops", run.status == 0 and not run.calls("getdents64"), run.calls("getdents64")[:1])
    home = h.place()
    version = "%d.%d" % h.sys_version(h.PYTHON)[:2]
    h.put(home, f".local/lib/python{version}/site-packages/x.py", "")
    h.put(home, ".local/lib/seen", "")
    script = h.put(box, "home.py", "import os; print(os.listdir(os.path.expanduser('~/.local/lib')))")
    run = h.proctor([h.PYTHON, script], "-r", home, cwd=box, env=h.clean_env(HOME=home))
    h.check("what proctor itself hides is left out too", run.status == 0 and run.out == b"['seen']\n", run)


def main():
    box, policy = make_box()
    walkers(box, policy)
    raw(box, policy, "as it is")
    raw(box, policy, "handed over", preexec_fn=h.forbid((438, errno.EPERM)))  # pidfd_getfd
    inherited(box)
    only_where_needed(box)
    h.finish()


main()
