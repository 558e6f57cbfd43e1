#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A scratch in memory: what it holds, to the byte and to the file, by every road; that nothing leads out of it and
nothing is left of it; and what is said where none is to be had. What decides is looked at from outside: by a
descriptor of it that is taken from the supervisor."""

import stat
import time

from harness import *
from roads import *

MIB = 1 << 20
NR = {"unshare": 272, "fsopen": 430, "fsmount": 432}


def mounts_of(pid):
    """Descriptors of process PID that are in a scratch: {number: (device, name)}."""
    found = {}
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            text = os.readlink(f"/proc/{pid}/fd/{name}")
            if "/proctor-scratch-" in text:
                found[name] = (os.stat(f"/proc/{pid}/fd/{name}").st_dev, text)
        except OSError:
            pass
    return found


def watched(code, *options, **words):
    """Runs CODE, which says READY and waits for a line when it has done its worst; what the scratch holds then, in
    pages and files, is looked at by a descriptor of the supervisor's. The program's output, and (bytes, files)."""
    program = put(place(), "program.py", PRELUDE + code + "\nprint('READY', flush=True); sys.stdin.readline()\n")
    child = start([PYTHON, program], "-q", *options, log=False, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **words)
    lines = []
    for line in child.stdout:
        lines.append(line.decode())
        if line == b"READY\n":
            break
    held = None
    for name, (_, text) in mounts_of(child.pid).items():
        if os.path.basename(text).startswith("proctor-scratch-"):
            try:
                fs = os.statvfs(f"/proc/{child.pid}/fd/{name}")
            except FileNotFoundError:  # one that the supervisor held for a call
                continue
            made = fs.f_files - text.count("/") - 1  # what the program may make
            held = ((fs.f_blocks - fs.f_bfree) * fs.f_bsize, made - fs.f_ffree, fs.f_blocks * fs.f_bsize, made)
    out, err = child.communicate(b"\n")
    return "".join(lines).removesuffix("READY\n") + out.decode(), err.decode(), held


title("where there is none in memory")
for call in NR:
    deny = forbid((NR[call], 1))
    run = proctor([PYTHON, "-c", "import os; p = os.environ['TMPDIR']; print(os.path.isdir(p)); open(p + '/f', 'wb').write(b'x' * (1 << 20))"], "--scratch=64KiB", preexec_fn=deny)
    equal(f"{call} forbidden: a directory, which proctor counts", (run.out, run.verdict["status"], {k: v for k, v in run.last("start")["scratch"].items() if k != "path"}), (b"True\n", "RE", {"in": "directory", "counts": "proctor", "bytes": 65536, "files": 10000}))
    policy = put(place(), "p.yaml", 'version: 1\nextends: builtin:pure\nwrite: "%{scratch}"\nscratch: {in: memory}\n')
    done = subprocess.run([PROCTOR, "run", "-p", policy, "--", PYTHON, "-c", "print('ran')"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_env(), preexec_fn=deny)
    check("but what was to be in memory is not run elsewhere", done.returncode == 125 and not done.stdout and b"cannot make the scratch" in done.stderr, done)
done = subprocess.run([PROCTOR, "doctor"], stdout=subprocess.PIPE, env=clean_env(), preexec_fn=forbid((NR["unshare"], 1)))
check("doctor says so", b"weaker   --scratch: in a directory, proctor counts" in done.stdout, done)
audit = proctor([PYTHON, "-c", "import tempfile; print(tempfile.TemporaryFile().write(b'x'))"], "--scratch", "--mode", "audit")
equal("in audit mode, where the kernel looks names up, it is a directory", (audit.out, audit.last("start")["scratch"]["in"]), (b"1\n", "directory"))

done = subprocess.run([PROCTOR, "doctor"], stdout=subprocess.PIPE, env=clean_env())
if proctor([PYTHON, "-c", "0"], "--scratch").last("start")["scratch"]["in"] != "memory":
    check("doctor knows that there is none here", b"weaker   --scratch: in a directory" in done.stdout, done)
    skip("a scratch in memory", "no user namespace can be made here")
    finish()
check("doctor says that it is there where it is", b"ok       --scratch: in memory" in done.stdout, done)

title("full, by every road")
for name, code in ROADS.items():
    policy = put(place(), "p.yaml", 'version: 1\nextends: builtin:pure\nwrite: "%{scratch}"\nscratch: {size: 1MiB, files: 50}\n')
    out, err, held = watched(code, "-p", policy)
    check(f"{name}: not a byte and not a file more than was granted", held and held[0] <= MIB and held[1] <= 50 and held[2:] == (MIB, 50), held, out, err)
    # What copies within the kernel is not for sandboxed programs, which do without.
    wanted = "ENOSYS" if name == "splice" else "ENOSPC"
    check(f"{name}: and {wanted} at the end", out.startswith(wanted), out, err, held)
out, err, held = watched("f = new(); os.truncate('f', 1 << 40); m = mmap.mmap(f, 1 << 21)\nprint('sized')\nsys.stdout.flush()\nif os.environ.get('GO'):\n    for i in range(0, 1 << 21, 4096): m[i] = 1", "--scratch=1MiB", "--env", "GO=1")
check("a shared mapping of a hole: what does not fit is not stored, and the program is told as the kernel does, by SIGBUS", "sized" in out and (not held or held[0] <= MIB), held, out, err)
out, err, held = watched("print('as much', full(lambda f=[new()]: os.write(f[0], BLOCK)), os.stat('f').st_size)", "--scratch=128KiB")
check("just as much as was granted fits", "as much ENOSPC 131072" in out, out, err)
out, err, held = watched("f = new(); full(lambda: os.write(f, BLOCK)); os.ftruncate(f, 0); os.lseek(f, 0, 0); full(lambda: os.write(f, BLOCK)); print(os.fstat(f).st_size)\ng = new('g'); os.close(g); os.rename('g', 'f'); os.close(f); h = new('h'); full(lambda: os.write(h, BLOCK)); print(os.fstat(h).st_size)", "--scratch=1MiB")
check("what is cut off, or replaced and closed, can be used again", out.splitlines()[:2] == [str(MIB)] * 2, out, err)

title("names")
NAMES = """
import tempfile
print(os.getcwd() == ROOT, os.path.realpath(".") == ROOT)
os.makedirs("a/b"); os.chdir("a/b"); f = new(); print(os.getcwd()[len(ROOT):], os.readlink("/proc/self/fd/%d" % f)[len(ROOT):], os.path.realpath("f")[len(ROOT):])
d = os.open(".", os.O_RDONLY); os.fchdir(d); print(os.getcwd()[len(ROOT):], os.stat("f", dir_fd=d).st_size)
b = ctypes.create_string_buffer(4096); print(sc(79, b, 4096) == len(ROOT) + 5, b.value.decode()[len(ROOT):], sc(79, b, len(ROOT)) == -errno.ERANGE, sc(79, 1, 4096) == -errno.EFAULT)
os.rename(ROOT + "/a/b", ROOT + "/moved"); print(os.getcwd()[len(ROOT):]); os.unlink("f"); os.rmdir(ROOT + "/moved")
try: os.getcwd()
except OSError as e: print(errno.errorcode[e.errno])
os.chdir(ROOT)
m = mmap.mmap(new("x") if os.truncate(new("x"), 4096) else os.open("x", os.O_RDWR), 4096); m[0] = 1; print(open("x", "rb").read(1))
"""
out, err, held = watched(NAMES, "--scratch")
check("the working directory and descriptors have the names that the program knows", out.splitlines() == ["True True", "/a/b /a/b/f /a/b/f", "/a/b 0", "True /a/b True True", "/moved", "ENOENT", "b'\\x01'"], out, err)

title("no way out, none in")
OUT = place()
secret = put(OUT, "secret", "TOKEN-" + os.urandom(8).hex())
ESCAPE = f"""
S = {secret!r}; got = []
def attempt(f, *a, **k):
    try: got.append(f(*a, **k))
    except OSError as e: got.append(errno.errorcode[e.errno])
d = os.open(".", os.O_PATH); r = os.open(ROOT, os.O_RDONLY)
for way in ("..", "../..", "../../..", "../../../.." + S, "../.." + S, ROOT + "/.." + S, "/proc/self/fd/%d/../../.." % r + S, "/proc/self/cwd/../.." + S):
    attempt(lambda: open(way).read()); attempt(lambda: os.listdir(way)); attempt(lambda: os.close(os.open(way + "/new", os.O_CREAT | os.O_WRONLY)))
    attempt(lambda: open(os.open(way, os.O_RDONLY, dir_fd=d)).read()); attempt(lambda: os.mkdir(way + "/made"))
os.symlink("/", "root"); os.symlink("../../../../..", "up"); os.symlink(S, "link")
for way in ("root" + S, "up" + S, "link", "root/tmp/made", "up/tmp/made"):
    attempt(lambda: open(way).read()); attempt(lambda: open(way, "a").close()); attempt(lambda: os.link(way, "hard")); attempt(lambda: os.rename(way, "moved")); attempt(lambda: os.unlink(way) if way != "link" else None)
attempt(os.link, S, "hard"); attempt(os.rename, S, "moved"); attempt(os.rename, "link", S); attempt(os.rename, ROOT, ROOT + "2"); attempt(os.rmdir, ROOT)
b = ctypes.create_string_buffer(65536)
got.append(sc(308, r, 0)); got.append(sc(308, d, 0x20000)); got.append(sc(272, 0x10020000)); got.append(sc(428, d, b"", 0x1000)); got.append(sc(429, r, b"", -100, b"/tmp", 4))
got.append(sc(161, b".")); got.append(sc(155, b".", b".")); got.append(sc(165, None, b".", None, 32, None)); got.append(sc(303, r, b".", b, b, 0)); got.append(sc(304, r, b, 0)); got.append(sc(166, b".", 2)); got.append(sc(432, r, 0, 0)); got.append(sc(457, b, b, 4096, 0)); got.append(sc(442, r, b"", 0x1000, b, 32))
got.append(sc(188, b"x", b"user.a", b"1", 1, 0)); open("x", "w").close(); got.append(sc(188, b"x", b"user.a", b"1", 1, 0)); got.append(sc(190, os.open("x", 1), b"user.a", b"1", 1, 0))
attempt(os.chmod, "x", 0o4755); attempt(os.mknod, "fifo", 0o10600); attempt(os.mknod, "dev", 0o20600, 259); attempt(os.chown, "x", 1, 1)
print(got)
"""
before = sorted(os.listdir("/tmp"))
out, err, held = watched(ESCAPE, "--scratch")
check("\"..\", links, /proc/self/fd, handles, namespaces and mounts lead nowhere", "READY" in out or held is not None, out, err)
check("nothing of the outside was told", "TOKEN-" not in out, out)
check("and nothing was made or moved there", os.listdir(OUT) == ["secret"] and not os.path.exists("/tmp/made") and not os.path.exists("/made"), out)
check("nor an attribute, a set-id bit, a FIFO, a device or another owner within", out.count("95") >= 2 and out.strip().endswith("'EPERM', 'EPERM', 'EPERM', 'EPERM']") or "EPERM" in out.split("[")[-1][-60:], out)

title("what is seen of it outside")
child = start([PYTHON, "-c", "import os, time; os.chdir(os.environ['TMPDIR']); open('f', 'w').write('x'); print(1, flush=True); time.sleep(60)"], "--scratch", stdout=subprocess.PIPE)
child.stdout.read(1)
mine = mounts_of(child.pid)
name = next(iter(mine.values()))[1]
check("no directory of its name is on the disk, and no mount of it is anywhere", not os.path.exists(name) and "proctor-scratch" not in open(f"/proc/{child.pid}/mountinfo").read(), mine)
kids = children_of(child.pid)
check("the process that made it is gone: there is the program alone", len(kids) == 1, kids)
same = all(os.readlink(f"/proc/{kids[0]}/ns/{ns}") == os.readlink(f"/proc/self/ns/{ns}") for ns in ("user", "mnt"))
check("and nobody is in a namespace of its own", same)
child.kill()
child.wait()
child.stdout.close()

title("nothing is left")
code = "import os, random, time\nos.chdir(os.environ['TMPDIR'])\nfor i in range(10000):\n    open(str(i), 'w').write('x' * 1000)\n"
children = []
for i in range(24):
    child = start([PYTHON, "-c", code], "-q", "--scratch", log=False, verdict=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(i * 0.004)
    child.kill()
    children.append(child.wait())
end = time.monotonic() + 10
while survivors() and time.monotonic() < end:
    time.sleep(0.02)
equal("of runs whose proctor is killed at any moment: no process", survivors(), [])
equal("nor a directory", [n for n in sorted(os.listdir("/tmp")) if n.startswith("proctor-scratch-") and n not in before], [])

title("kept and collected")
KEEP = """
os.umask(0); os.makedirs("a/b"); open("a/b/one", "w").write("1"); os.link("a/b/one", "a/two"); os.symlink("/etc/passwd", "a/link"); os.symlink("b", "a/dir")
with open("a/hole", "wb") as f: f.seek(1 << 38); f.write(b"end")
os.chmod("a/b/one", 0); os.utime("a/two", (5, 6)); os.mkdir("empty"); os.chmod("empty", 0); os.chmod("a/b", 0)
for i in range(1500): os.mkdir("d"); os.chdir("d")
open("bottom", "w").write("deep"); os.chdir(ROOT); os.chmod("d", 0)
"""
kept = place() + "/kept"
out, err, held = watched(KEEP, "--scratch", "--keep-scratch", kept)
st = os.lstat(kept + "/a/two")
deep = os.open(kept, os.O_RDONLY)
for _ in range(1500):
    deeper = os.open("d", os.O_RDONLY | os.O_NOFOLLOW, dir_fd=deep)
    os.close(deep)
    deep = deeper
equal("--keep-scratch copies all of it: contents, modes, times, links as links, holes, several names, any depth",
      (sorted(os.listdir(kept + "/a")), stat.S_IMODE(st.st_mode), st.st_mtime, st.st_nlink, os.path.samefile(kept + "/a/two", kept + "/a/b/one"), os.readlink(kept + "/a/link"), os.readlink(kept + "/a/dir"), os.stat(kept + "/a/hole").st_size, os.stat(kept + "/a/hole").st_blocks < 100, os.listdir(kept + "/empty"), os.listdir(deep), err),
      (["b", "dir", "hole", "link", "two"], 0, 6, 2, True, "/etc/passwd", "b", (1 << 38) + 3, True, [], ["bottom"], ""))
os.close(deep)
subprocess.run(["rm", "-rf", kept + "/d"], check=True)  # too deep for what tidies up
equal("of mode 0700", stat.S_IMODE(os.stat(kept).st_mode), 0o700)

taken = place()
code = "import os; p = os.environ['TMPDIR']; open(p + '/shut', 'w').write('1'); os.chmod(p + '/shut', 0); os.symlink('shut', p + '/shutter')"
run = proctor([PYTHON, "-c", code], "-q", "--scratch", "--collect", f"shut*={taken}")
equal("--collect takes a file that its program has shut, and no link", (run.status, os.listdir(taken), run.err), (0, ["shut"], b""))

title("what is said")
run = proctor([PYTHON, "-c", "import os\nf = open(os.environ['TMPDIR'] + '/f', 'wb')\nwhile True: f.write(b'x' * 65536)"], "--scratch=1MiB")
equal("the start record says what it is", {k: v for k, v in run.last("start")["scratch"].items() if k != "path"}, {"in": "memory", "counts": "kernel", "bytes": MIB, "files": 10000})
cause = run.verdict["cause"]
check("the verdict says what was used up, to both", run.verdict["status"] == "RE" and all("The disk space that was granted, 1MiB, is used up." in cause["text"][w] for w in ("student", "staff")), run.verdict)
check("and explain, from the log, too", "The disk space that was granted, 1MiB, is used up." in explained(run.log_path) and "is used up" in explained(run.log_path, "--audience", "student"), explained(run.log_path))
policy = put(place(), "p.yaml", 'version: 1\nextends: builtin:pure\nwrite: "%{scratch}"\nscratch: {files: 7}\n')
run = proctor([PYTHON, "-c", "import os\nfor i in range(8): os.mkdir(os.environ['TMPDIR'] + '/%d' % i)"], "-p", policy)
check("of files likewise", run.verdict and "The disk space that was granted, 7 files and directories, is used up." in run.verdict["cause"]["text"]["staff"], run.verdict)
check("the call that found none left is in the log", any(r["syscall"].get("errno") == "ENOSPC" for r in run.calls("mkdir")), run.calls("mkdir")[-1:])
run = proctor([PYTHON, "-c", "raise OSError(28, 'No space left on device')"], "--scratch")
check("where the scratch is not full, nothing is said of it", "granted" not in run.verdict["cause"]["text"]["staff"], run.verdict)
for text, wrong in ("12", "unit"), ("0B", "4KiB"), ("1KiB", "4KiB"), ("2TiB", "1TiB"), ("x", "such as 64MiB"), ("none", "such as 64MiB"), ("-1MiB", "such as 64MiB"):
    run = subprocess.run([PROCTOR, "run", f"--scratch={text}", "--", PYTHON, "-c", "0"], stderr=subprocess.PIPE, env=clean_env())
    check(f"--scratch={text} is an error", run.returncode == 64 and wrong.encode() in run.stderr, run)
for text, wrong in ("{size: 64}", "unit"), ("{files: 0}", "from 1"), ("{files: x}", "number"), ("{in: disk}", "memory or directory"), ("{huge: 1}", "unknown key"), ("64MiB", "mapping"):
    policy = put(place(), "p.yaml", f'version: 1\nextends: builtin:pure\nwrite: "%{{scratch}}"\nscratch: {text}\n')
    done = subprocess.run([PROCTOR, "policy", "check", policy], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=clean_env())
    check(f"scratch: {text} is an error at its line", done.returncode == 65 and wrong.encode() in done.stdout and b":4:" in done.stdout, done)
policy = put(place(), "p.yaml", "version: 1\nextends: builtin:pure\nscratch: {size: 1MiB}\n")
done = subprocess.run([PROCTOR, "policy", "check", policy], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=clean_env())
check("a scratch that nothing grants is warned of", b"nothing grants a scratch" in done.stdout, done)
policy = put(place(), "p.yaml", 'version: 1\nextends: builtin:pure\nwrite: "%{scratch}"\nscratch: {size: 1536KiB, files: 12}\n')
done = subprocess.run([PROCTOR, "policy", "show", policy], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=clean_env())
shown = put(place(), "shown.yaml", done.stdout.decode())
check("policy show says it as a policy would", b"scratch: {size: 1536KiB, files: 12}" in done.stdout and subprocess.run([PROCTOR, "policy", "check", shown], env=clean_env(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0, done)

finish()
