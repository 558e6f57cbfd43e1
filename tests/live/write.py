#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a program may write to: a granted directory, and the scratch. The same programs in the same place without a
sandbox say what is right; what is refused, and what stays as it was, is looked at from outside."""

import fcntl
import json
import os
import signal
import stat
import time

from harness import *

COMMON = """
import os, sys
W = sys.argv[1]
os.chdir(W)
def told(what, call, *args, **words):
    try:
        result = call(*args, **words)
    except OSError as error:
        result = type(error).__name__ + " " + str(error.errno)
    print(what, result)
"""

PROGRAMS = {
    "files": """
def put(name, mode, text):
    with open(name, mode) as f:
        return f.write(text)
told("create", put, "a", "w", "one\\n"); told("append", put, "a", "a", "two\\n"); told("again", put, "a", "x", "")
told("read", lambda: open("a").read())
fd = os.open("a", os.O_RDWR | os.O_TRUNC); print("truncated", os.fstat(fd).st_size); os.write(fd, b"abc"); os.close(fd)
told("no directory", put, "none/a", "w", ""); told("slash", put, "b/", "w", ""); told("directory", put, ".", "w", "")
told("through a file", put, "a/b", "w", "")
os.umask(0o27)
told("mkdir", os.mkdir, "d", 0o777); print(oct(os.stat("d").st_mode)); told("again", os.mkdir, "d")
told("mkdir/", os.mkdir, "d2/"); told("mkdirs", os.makedirs, "d/e/f", exist_ok=True); told("dot", os.mkdir, "d/.")
put("d/new", "w", "x"); print(oct(os.stat("d/new").st_mode))
told("rename", os.rename, "a", "d/b"); told("onto", os.rename, "d/b", "d/new"); told("gone", os.rename, "a", "c")
told("into itself", os.rename, "d", "d/e/x"); told("onto full", os.rename, "d2", "d"); told("dir on file", os.rename, "d2", "d/new")
told("file/", os.rename, "d/new/", "x"); told("to/", os.rename, "d/new", "y/"); told("dir/", os.rename, "d2/", "d3/")
told("link", os.link, "d/new", "hard"); print(os.stat("hard").st_nlink); told("again", os.link, "d/new", "hard")
told("link dir", os.link, "d3", "hard2"); told("link none", os.link, "none", "hard2")
told("symlink", os.symlink, "d/new", "soft"); told("again", os.symlink, "x", "soft"); told("reads", lambda: open("soft").read())
told("to dir", os.symlink, "d", "way"); told("through", put, "way/e/t", "w", "t"); told("listed", lambda: sorted(os.listdir("way")))
told("dangling", os.symlink, "made", "dangling"); told("made by it", put, "dangling", "w", "!"); told("is", lambda: open("made").read())
told("excl", put, "dangling", "x", ""); told("loop", os.symlink, "loop", "loop"); told("open loop", put, "loop", "w", "")
told("link of link", os.link, "soft", "soft2", follow_symlinks=False); told("text", os.readlink, "soft2")
told("long", os.symlink, "n" * 300, "long"); told("text", lambda: len(os.readlink("long"))); told("empty", os.symlink, "", "e")
told("rmdir", os.rmdir, "d3"); told("full", os.rmdir, "d"); told("file", os.rmdir, "hard"); told("by link", os.rmdir, "way")
told("dot", os.rmdir, "d/."); told("dots", os.rmdir, "d/.."); told("unlink dir", os.unlink, "d"); told("unlink", os.unlink, "hard")
told("unlink/", os.unlink, "made/"); told("none", os.unlink, "none"); told("link/", os.unlink, "way/"); told("the link", os.unlink, "way")
told("chmod", os.chmod, "made", 0o640); print(oct(os.stat("made").st_mode)); told("chmod dir", os.chmod, "d", 0o700)
told("utime", os.utime, "made", (1.5, 2.25)); print(os.stat("made").st_atime, os.stat("made").st_mtime)
told("utime link", os.utime, "soft", (3, 4), follow_symlinks=False); print(os.lstat("soft").st_mtime)
told("truncate", os.truncate, "made", 5000); print(os.stat("made").st_size); told("negative", os.truncate, "made", -1)
told("long name", put, "n" * 256, "w", ""); told("own id", os.chown, "made", os.getuid(), -1)
told("names", lambda: sorted(os.listdir(".")))
os.chdir("d"); print(os.getcwd()[len(W):]); os.rename("../d", "../moved"); print(os.getcwd()[len(W):]); told("here", put, "here", "w", "x")
told("up", lambda: sorted(os.listdir(".."))); told("chdir none", os.chdir, "none"); told("chdir file", os.chdir, "here")
""",
    "descriptors": """
import fcntl, mmap, errno
f = open("f", "w+b"); n = f.fileno()
told("truncate", f.truncate, 8192); told("pwrite", os.pwrite, n, b"xyz", 100); told("pwritev", os.pwritev, n, [b"ab", b"", b"cd"], 200)
told("pread", os.pread, n, 3, 100); told("pread", os.pread, n, 4, 200); told("allocate", os.posix_fallocate, n, 0, 20000)
told("big", lambda: os.pwrite(n, b"q" * 300000, 10)); print(os.fstat(n).st_size)
told("chmod", os.fchmod, n, 0o600); told("utime", os.utime, n, (7, 8)); print(os.fstat(n).st_mtime); told("own id", os.fchown, n, os.getuid(), -1)
m = mmap.mmap(n, 4096); m[:5] = b"mmmmm"; m.flush(); m.close(); told("mapped", os.pread, n, 6, 0)
r = open("f", "rb"); told("read map", lambda: mmap.mmap(r.fileno(), 0, prot=mmap.PROT_READ)[:5])
told("no write", os.pwrite, r.fileno(), b"x", 0); told("no truncate", os.ftruncate, r.fileno(), 0)
told("sync", os.fsync, n); told("data", os.fdatasync, n)
told("lock", fcntl.lockf, n, fcntl.LOCK_EX | fcntl.LOCK_NB); told("shared", fcntl.lockf, n, fcntl.LOCK_SH | fcntl.LOCK_NB); told("un", fcntl.lockf, n, fcntl.LOCK_UN)
told("flock", fcntl.flock, n, fcntl.LOCK_EX); g = open("f", "r+b"); told("other", fcntl.flock, g, fcntl.LOCK_EX | fcntl.LOCK_NB)
told("release", fcntl.flock, n, fcntl.LOCK_UN); told("other", fcntl.flock, g, fcntl.LOCK_SH | fcntl.LOCK_NB)
t = os.open(".", os.O_TMPFILE | os.O_RDWR, 0o600); os.write(t, b"temp"); told("unnamed", os.pread, t, 9, 0)
told("append", fcntl.fcntl, n, fcntl.F_SETFL, os.O_APPEND); os.lseek(n, 0, 0); os.write(n, b"end"); print(os.fstat(n).st_size)
told("sendfile", lambda: __import__("shutil").copyfile("f", "copy")); print(open("copy", "rb").read() == open("f", "rb").read())
d = os.open(".", os.O_RDONLY); told("mkdirat", os.mkdir, "sub", dir_fd=d); told("openat", lambda: os.close(os.open("sub/x", os.O_CREAT | os.O_WRONLY, dir_fd=d)))
told("renameat", os.rename, "sub/x", "y", src_dir_fd=d, dst_dir_fd=d); told("rmdir", os.rmdir, "sub", dir_fd=d)
""",
    "copies": """
import fcntl
open("f", "wb").write(b"0123456789" * 30001 + b"end")
c = os.open("copied", os.O_RDWR | os.O_CREAT); s = os.open("f", os.O_RDONLY); at = lambda: (os.lseek(s, 0, 1), os.lseek(c, 0, 1), os.fstat(c).st_size)
told("send", os.sendfile, c, s, None, 150000); print(at()); told("send from", os.sendfile, c, s, 299000, 1 << 40); print(at()); told("send at the end", os.sendfile, c, s, 1 << 30, 9)
told("copy", os.copy_file_range, s, c, 100000); print(at()); told("copy from to", os.copy_file_range, s, c, 5000, 7, 500000); print(at(), os.pread(c, 200000, 149000) == os.pread(s, 1000, 149000) + os.pread(s, 1013, 299000) + os.pread(s, 100000, 150000) + b"", os.pread(c, 5000, 500000) == os.pread(s, 5000, 7))
told("over itself", os.copy_file_range, c, c, 5000, 0, 100); told("within itself", os.copy_file_range, c, c, 50, 0, 100); told("to one for reading", os.copy_file_range, c, s, 9); told("to none", os.sendfile, 99, s, 0, 9); told("from none", os.sendfile, c, 99, 0, 9)
try: os.copy_file_range(c, c, 50, 2 ** 63 - 1, 2 ** 63 - 1)
except OSError: pass
a = os.open("appended", os.O_WRONLY | os.O_CREAT | os.O_APPEND); told("appended", os.sendfile, a, s, 0, 9); told("appended", os.copy_file_range, s, a, 9); told("clone", fcntl.ioctl, c, 0x40049409, s)
print(__import__("hashlib").sha256(open("copied", "rb").read()).hexdigest())
""",
    "files without a name": """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def name(fd, path, new, flags=0x400):
    if libc.linkat(fd, path.encode(), -100, new.encode(), flags) < 0: raise OSError(ctypes.get_errno(), "")
def unnamed(flags=0):
    fd = os.open(".", os.O_TMPFILE | os.O_RDWR | flags, 0o640); os.write(fd, b"temp"); return fd
f = unnamed(); told("by its descriptor", name, -100, "/proc/self/fd/%d" % f, "a"); print(open("a").read(), oct(os.stat("a").st_mode), os.fstat(f).st_nlink); os.write(f, b"more"); print(open("a").read())
told("there", name, -100, "/dev/fd/%d" % unnamed(), "a"); told("not to be linked", name, -100, "/proc/self/fd/%d" % unnamed(os.O_EXCL), "b"); told("the link", name, -100, "/proc/self/fd/%d" % unnamed(), "b", 0)
told("none", name, -100, "/proc/self/fd/99", "b"); told("none", name, 99, "", "b", 0x1000); told("no flag", name, f, "", "b", 0); told("removed", lambda: (os.unlink("a"), name(-100, "/proc/self/fd/%d" % f, "b")))
here = os.open(".", os.O_RDONLY); told("os.link", lambda: os.link("/proc/self/fd/%d" % unnamed(), "c", src_dir_fd=here, follow_symlinks=True))
os.mkdir("d"); os.chdir("d"); f = unnamed(); os.chdir(".."); os.rename("d", "moved"); told("moved", name, -100, "/proc/self/fd/%d" % f, "moved/f"); print(sorted(os.listdir(".")), os.listdir("moved"))
""",
    "sqlite": """
import sqlite3
for mode in ("wal", "delete", "truncate", "persist", "memory"):
    a = sqlite3.connect(mode + ".db"); b = sqlite3.connect(mode + ".db", timeout=0.1)
    print(a.execute("pragma journal_mode=" + mode).fetchone())
    a.execute("create table t (x integer primary key, y text)")
    a.executemany("insert into t values (?, ?)", ((i, "v%d" % i) for i in range(2000))); a.commit()
    a.execute("begin immediate"); a.execute("update t set y = 'changed' where x = 7")
    print(b.execute("select count(*), max(y) from t").fetchone())
    try:
        b.execute("begin immediate")
    except sqlite3.OperationalError as error:
        print(error)
    a.commit(); print(b.execute("select y from t where x = 7").fetchone())
    a.execute("vacuum"); print(a.execute("pragma integrity_check").fetchone(), a.execute("pragma wal_checkpoint").fetchone())
    a.close(); b.close()
print(sorted(os.listdir(".")))
""",
    "library": """
import tempfile, shutil, zipfile, tarfile, pickle, logging, logging.handlers, pathlib, json, csv, gzip, shelve, dbm.dumb, configparser
with tempfile.TemporaryDirectory(dir=W) as d:
    p = pathlib.Path(d, "x"); p.mkdir(); (p / "f").write_text("hello"); (p / "f").touch(); shutil.copytree(p, W + "/tree"); shutil.copy2(p / "f", "f2")
with tempfile.NamedTemporaryFile(dir=W) as t, tempfile.SpooledTemporaryFile(10, dir=W) as s, tempfile.TemporaryFile(dir=W) as u:
    t.write(b"x" * 100); t.flush(); s.write(b"y" * 100); u.write(b"z"); print(os.stat(t.name).st_size, oct(os.stat(t.name).st_mode))
with zipfile.ZipFile("z.zip", "w") as z: z.write("tree/f"); z.writestr("g", "text")
with zipfile.ZipFile("z.zip", "a") as z: z.writestr("h", "more")
with zipfile.ZipFile("z.zip") as z: z.extractall("out"); print(z.namelist())
with tarfile.open("t.tar.gz", "w:gz") as t: t.add("tree")
with tarfile.open("t.tar.gz") as t: t.extractall("out2")
print(sorted(os.listdir("out")), sorted(os.listdir("out2/tree")))
with open("p", "wb") as f: pickle.dump({"a": list(range(1000))}, f)
print(len(pickle.load(open("p", "rb"))["a"]))
log = logging.getLogger("x"); log.setLevel("INFO"); log.propagate = False
log.addHandler(logging.FileHandler("log.txt")); log.addHandler(logging.handlers.RotatingFileHandler("rot.txt", maxBytes=200, backupCount=2))
for i in range(20): log.info("line %d", i)
logging.shutdown(); print(len(open("log.txt").readlines()), sorted(n for n in os.listdir(".") if n.startswith("rot")))
with shelve.open("shelf") as s: s["k"] = [1, 2]
with shelve.open("shelf") as s: print(dict(s))
shutil.move("f2", "f3"); shutil.rmtree("out"); shutil.make_archive("arch", "zip", "tree")
with gzip.open("g.gz", "wt") as g: g.write("packed")
sys.path.insert(0, W); pathlib.Path("mod.py").write_text("x = 5\\n"); sys.dont_write_bytecode = False
import mod; print(mod.x, [n[:4] for n in os.listdir("__pycache__")])
print(sorted(os.listdir(".")))
""",
    "threads": """
import threading
def work(k):
    for i in range(60):
        n = "t%d" % k
        os.makedirs(n + "/a", exist_ok=True); open(n + "/a/f", "w").write(str(i)); os.rename(n + "/a/f", n + "/g"); os.rename(n + "/a", n + "/b")
        os.chdir(W); os.unlink(n + "/g"); os.rmdir(n + "/b"); os.rmdir(n)
threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
for t in threads: t.start()
for t in threads: t.join()
print(sorted(os.listdir(".")))
""",
}


def run_both(name, *options, python=PYTHON, sentence=None, stdout=None):
    """PROGRAMS[NAME] natively and under proctor, each in a new directory of the same length of name."""
    script = put(place(), name + ".py", COMMON + PROGRAMS[name])
    results = []
    for native_run in True, False:
        directory = place()
        words = [python, script, directory]
        where = {}
        if stdout:
            where["stdout"] = open(put(place(), "out", ""), stdout)  # noqa: SIM115
        if native_run:
            run = native(words, **where)
        else:
            run = proctor(words, "-w", directory, "--exit", "child", *options, **where)
        if stdout:
            with open(where["stdout"].name, "rb") as text:
                run.out = text.read()
        results.append((run, run.out.replace(directory.encode(), b"W"), shape(directory)))
    (plain, wanted, left), (run, got, kept) = results
    sentence = sentence or f"{name}: a program that writes sees what it sees without a sandbox"
    check(sentence, run.status == plain.status == 0 and got == wanted, run, plain, diff_of(got, wanted))
    equal(f"{name}: and leaves the same files", kept, left)
    writes = [r for r in run.refused() if r["syscall"].get("subject") == "write" or kept_in(r, directory)]
    equal(f"{name}: nothing of it counts as a violation", [(r["event"]["action"], r["syscall"]["args"]) for r in writes], [])
    return run


def kept_in(record, directory):
    return record.get("file", {}).get("path", "").startswith(directory)


def diff_of(got, wanted):
    return [(a, b) for a, b in zip(got.splitlines(), wanted.splitlines()) if a != b][:8]


def shape(directory):
    """Names, types, modes and sizes of what is beneath DIRECTORY; of what is random in it, that it is there."""
    found = []
    for root, dirs, files in os.walk(directory):
        for name in dirs + files:
            path = os.path.join(root, name)
            st = os.lstat(path)
            size = st.st_size if stat.S_ISREG(st.st_mode) and not name.endswith((".gz", ".pyc", "-shm", "-wal", ".db")) else 0
            found.append((os.path.relpath(path, directory), oct(st.st_mode), size, st.st_nlink if size else 0))
    return sorted(found)


title("the same as without a sandbox")
for name in PROGRAMS:
    if borrows() or name != "files without a name":
        run_both(name)
for version, python in interpreters()[1:]:
    for name in "files", "library", "sqlite":
        run_both(name, python=python, sentence=f"{name}: also with CPython {version[0]}.{version[1]}")
run_both("descriptors", "--calls", "all", sentence="descriptors: also where every call stops")
run_both("files", "--calls", "all", sentence="files: also where every call stops")
run_both("sqlite", "--output", "1MiB", "--memory", "512MiB", "--files", "64", sentence="sqlite: also where output, memory and descriptors are counted")
run_both("descriptors", "--output", "1MiB", stdout="wb", sentence="descriptors: also where stdout is a regular file and counted")

title("records")
directory = place()
run = proctor([PYTHON, "-c", "import os; os.mkdir('x'); open('x/f', 'w').write('1'); os.rename('x/f', 'g')"], "-w", directory, cwd=directory)
for call, path in ("mkdir", "/x"), ("openat", "/x/f"), ("rename", "/g"):
    found = run.calls(call, directory + path)
    check(
        f"{call} is recorded as allowed by the write rule",
        found and found[-1]["decision"]["action"] == "allow" and found[-1]["rule"]["id"] == "write" and found[-1]["rule"]["ref"] == "-w",
        found,
    )
outside = put(place(), "kept", "kept\n")
run = proctor(
    [PYTHON, "-c", f"import os; os.chdir({directory!r})\nfor f in os.rename, os.link:\n    try: f('g', {outside + '2'!r})\n    except OSError as e: print(e.errno)\n"],
    "-w", directory, "-w", os.path.dirname(outside),
)
equal("a rename and a link from one write rule's directory to another's are refused with EXDEV", run.out, b"18\n18\n")
equal("and recorded, without a violation", [(r["syscall"]["errno"], r["rule"]["id"]) for r in run.calls(decision="hide") if r["rule"]["id"] == "write"], [("EXDEV", "write")] * 2)
check("and explain says why", "from one rule's files to another's" in explained(run.log_path, "--all"), explained(run.log_path, "--all"))

title("what stays as it was")
submission = put(place(), "main.py", "import os\nfor f in (__file__,):\n    try: open(f, 'a').write('#')\n    except OSError as e: print('refused', e.errno)\nopen(os.path.dirname(os.path.abspath(__file__)) + '/out.txt', 'w').write('result')\n")
run = proctor([PYTHON, submission], "-w", os.path.dirname(submission))
equal("a script beside which it may write is not written to", run.out, b"refused 13\n")
equal("and what it writes is there", open(os.path.dirname(submission) + "/out.txt").read(), "result")
here = os.path.dirname(submission)
policy = put(here, "policy.yaml", f"version: 1\nextends: builtin:pure\nwrite: [{here!r}]\n")
for options, what in (
    (["-o", here + "/log.jsonl"], "log"), (["--verdict", here + "/verdict.json"], "verdict"), (["--live", here + "/live.txt"], "live output"),
):
    done = subprocess.run([PROCTOR, "run", "-w", here, *options, submission], stderr=subprocess.PIPE, stdout=subprocess.PIPE, env=clean_env())
    check(f"no run starts whose {what} the program could change", done.returncode == 64 and what.encode() in done.stderr and not done.stdout, done)
done = subprocess.run([PROCTOR, "run", "-p", policy, submission], stderr=subprocess.PIPE, stdout=subprocess.PIPE, env=clean_env())
check("nor one whose policy it could", done.returncode == 64 and b"the policy" in done.stderr, done)
prefix = native([PYTHON, "-c", "import os; print(os.path.dirname(os.__file__), end='')"]).out.decode()
done = subprocess.run([PROCTOR, "run", "-w", prefix, "--python", PYTHON, submission], stderr=subprocess.PIPE, stdout=subprocess.PIPE, env=clean_env())
check("nor one that could change the interpreter's own files", done.returncode != 0 and b"interpreter's own files" in done.stderr, done)

title("the scratch")
SCRATCH = """
import os, sys, tempfile
root = os.environ["TMPDIR"]
print(all(os.environ[n].startswith(root) for n in ("HOME", "XDG_CACHE_HOME", "MPLCONFIGDIR", "NUMBA_CACHE_DIR")), tempfile.gettempdir() == root, oct(os.stat(root).st_mode))
os.makedirs(root + "/a/b"); open(root + "/a/b/r.txt", "w").write("result"); open(root + "/a/b/r.bin", "w").write("other")
open(root + "/a/b/sparse.txt", "w").truncate(1 << 25); os.symlink(os.path.abspath(sys.argv[0]), root + "/a/b/link.txt"); os.symlink(root + "/a", root + "/alias")
os.mkdir(root + "/deep"); os.chdir(root + "/deep")
for i in range(600):
    os.mkdir("d" * 100); os.chdir("d" * 100) if len(os.getcwd()) < 3000 else None
    if len(os.getcwd()) >= 3000: break
os.chdir(root); os.rename("deep", "deep2"); os.mkdir("deep")
os.chmod("a/b", 0); os.chmod(root, 0)
print(root, file=sys.stderr)
"""
program = put(place(), "scratch.py", SCRATCH)
base, out = place(), place() + "/out"
env = clean_env(TMPDIR=base)
run = proctor([PYTHON, program], "--scratch", "--collect", f"*/*/*.txt={out}", env=env)
equal("the scratch is private, and TMPDIR, HOME and what libraries keep lead into it", run.out, b"True True 0o40700\n")
equal("it is gone at the end, whatever modes and depths the program left", os.listdir(base), [])
equal("what --collect names is handed back, under its names and never through a link", sorted(os.listdir(out + "/a/b")), ["r.txt", "sparse.txt"])
check("a hole stays a hole", os.stat(out + "/a/b/sparse.txt").st_size == 1 << 25 and os.stat(out + "/a/b/sparse.txt").st_blocks < 1000)
granted, elsewhere = place(), place()
code = f"import os; os.rename({granted!r} + '/to', {granted!r} + '/old'); os.symlink({elsewhere!r}, {granted!r} + '/to'); os.symlink({elsewhere!r}, {granted!r} + '/old/a'); os.mkdir(os.environ['TMPDIR'] + '/a'); open(os.environ['TMPDIR'] + '/f', 'w').close(); open(os.environ['TMPDIR'] + '/a/f', 'w').close(); print('done')"
run = proctor([PYTHON, "-c", code], "--scratch", "-w", granted, "--collect", f"f={granted}/to", "--collect", f"a/f={granted}/to", env=env)
check("a link in the place of a directory that files are copied to leads nowhere", run.out == b"done\n" and os.listdir(elsewhere) == [] and sorted(os.listdir(granted + "/old")) == ["a", "f"], run)
kept = place() + "/kept"
run = proctor([PYTHON, program], "--keep-scratch", kept, env=env)
os.chmod(kept, 0o700)
check("--keep-scratch leaves it where it says", os.path.isdir(kept + "/alias") and os.listdir(base) == [], run)
run = proctor([PYTHON, program], "--keep-scratch", kept, env=env)
check("which must not exist before", run.status not in (0, 1) and b"exists" in run.err, run)
run = proctor([PYTHON, "-c", "import os; print(os.environ['HOME'], os.environ['TMPDIR'] == os.environ['HOME'])"], "--scratch", "--env", "HOME=/nowhere", env=env)
equal("what --env says stays", run.out, b"/nowhere False\n")
yaml = put(place(), "p.yaml", 'version: 1\nextends: builtin:pure\nwrite: "%{scratch}"\n')
hashes = set()
for _ in range(2):
    run = proctor([PYTHON, "-c", "import tempfile; print(tempfile.TemporaryFile().write(b'x'))"], "-p", yaml, env=env)
    equal("a policy can grant it as well", run.out, b"1\n")
    hashes.add(run.last("start")["policy"]["hash"])
equal("and has the same hash in every run", len(hashes), 1)

title("on the disk")
disk = put(place(), "disk.yaml", 'version: 1\nextends: builtin:pure\nwrite: "%{scratch}"\nscratch: {in: directory, size: 1TiB}\n')
out = place() + "/out"
run = proctor([PYTHON, program], "-p", disk, "--collect", f"*/*/*.txt={out}", env=env)
equal("the same program in a scratch on the disk", (run.out, os.listdir(base), sorted(os.listdir(out + "/a/b"))), (b"True True 0o40700\n", [], ["r.txt", "sparse.txt"]))
kept = place() + "/kept"
run = proctor([PYTHON, program], "-p", disk, "--keep-scratch", kept, env=env)
os.chmod(kept, 0o700)
check("--keep-scratch leaves it where it says", os.path.isdir(kept + "/alias") and os.listdir(base) == [], run)
child = start([PYTHON, "-c", "import time; print(1, flush=True); time.sleep(60)"], "-p", disk, env=env, stdout=subprocess.PIPE)
child.stdout.read(1)
other = start([PYTHON, "-c", "import time; print(1, flush=True); time.sleep(60)"], "-p", disk, env=env, stdout=subprocess.PIPE)
other.stdout.read(1)
check("each run has its own", len(os.listdir(base)) == 2, os.listdir(base))
child.kill()
child.wait()
child.stdout.close()
run = proctor([PYTHON, "-c", "0"], "-p", disk, env=env)
equal("what a killed proctor left is removed by the next run, and what is in use is not", len(os.listdir(base)), 1)
other.send_signal(signal.SIGTERM)
ended(other)
equal("and one that is told to end removes its own", os.listdir(base), [])
forgotten = base + "/proctor-scratch-forgotten"
os.makedirs(forgotten + "/deep/deeper")
for i in range(2500):
    os.close(os.open(f"{forgotten}/{'deep/' * (i % 3 > 0)}{'deeper/' * (i % 3 > 1)}{i}", os.O_CREAT))
remains = []
while os.path.exists(forgotten) and len(remains) < 9:
    proctor([PYTHON, "-c", "0"], "-p", disk, env=env)
    remains.append(sum(len(files) for _, _, files in os.walk(forgotten)))
check("of what is much each run removes a part, and the last all of it", len(remains) in (3, 4) and remains[0] >= 1500 and remains == sorted(remains, reverse=True) and os.listdir(base) == [], remains)
done = subprocess.run([PROCTOR, "run", "--collect", "*=x", program], stderr=subprocess.PIPE, env=env)
check("--collect without a scratch is told", done.returncode == 64 and b"no scratch" in done.stderr, done)

title("locks that others see")
path = put(directory, "locked", "x")
code = f"""
import fcntl, sys
f = open({path!r}, "r+"); fcntl.lockf(f, fcntl.LOCK_SH); g = open({path!r}); fcntl.lockf(g, fcntl.LOCK_SH | fcntl.LOCK_NB)
print("locked", flush=True); sys.stdin.readline(); fcntl.lockf(f, fcntl.LOCK_UN); fcntl.flock(f, fcntl.LOCK_EX); print("flock", flush=True); sys.stdin.readline()
"""
child = start([PYTHON, "-c", code], "-w", directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdout.readline()
with open(path, "r+") as mine:
    try:
        fcntl.lockf(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
        taken = True
    except OSError:
        taken = False
    check("a record lock on a file that it may write to keeps others out", not taken)
    child.stdin.write(b"\n")
    child.stdin.flush()
    child.stdout.readline()
    try:
        fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
        taken = True
    except OSError:
        taken = False
    check("a flock too", not taken)
ended(child, out=b"")

title("what is not there")
# The kernel looks for a name before it asks whether it may be changed. Of what nothing lets it see it is not told.
ABSENT = """
import os, sys
here, outside = sys.argv[1:]
def told(what, call, *args):
    try: call(*args); print(what, "done")
    except OSError as error: print(what, error.errno)
for directory in here, here + "/no/where", here + "/hidden", outside:
    name = directory + "/no"
    for call, args in ((os.unlink, ()), (os.rmdir, ()), (os.rename, (name + "2",)), (os.link, (name + "2",)), (os.chmod, (0,)), (os.utime, ()), (os.truncate, (0,))):
        told(call.__name__, call, name, *args)
told("there", os.unlink, here + "/there")
"""
box, here, outside = place(), place(), place()
put(here, "there", "x"), put(here, "hidden/x", "x")
policy = put(box, "policy.yaml", f"version: 1\nextends: builtin:pure\nread: [{here}]\nhide: [{here}/hidden]\n")
run = proctor([PYTHON, put(box, "absent.py", ABSENT), here, outside], "-p", policy)
calls = ["unlink", "rmdir", "rename", "link", "chmod", "utime", "truncate"]
equal("a granted name that is absent is absent to who would change it, and to nobody else", run.out.decode().splitlines(),
      [f"{c} 2" for c in calls] * 2 + [f"{c} 13" for c in calls] * 2 + ["there 13"])
equal("only what may be there is a violation", run.verdict["violations"], 2 * len(calls) + 1)
check("and the others are told as what they are", "no such name is there" in explained(run.log_path, "--all"), explained(run.log_path, "--all"))

having = [path for _, path in interpreters() if native([path, "-c", "import pytest"]).status == 0]
if having:
    title("pytest")
    python = having[0]
    tests = place()
    put(tests, "pytest.ini", "[pytest]\n")  # or it looks for one in every directory above
    put(tests, "test_it.py", "def test_a(tmp_path):\n    (tmp_path / 'x').write_text('1')\n    assert (tmp_path / 'x').read_text() == '1'\n\ndef test_b(tmp_path_factory, monkeypatch):\n    d = tmp_path_factory.mktemp('d')\n    monkeypatch.chdir(d)\n    open('y', 'w').close()\n")
    run = proctor([python, "-m", "pytest", "-q", tests], "-r", tests, "-w", tests, "--scratch", cwd=tests, timeout=120)
    check("pytest with its cache and tmp_path passes", run.status == 0 and b"2 passed" in run.out and os.path.isdir(tests + "/.pytest_cache"), run)
else:
    skip("pytest with its cache and tmp_path", "no interpreter here has pytest")

finish()
