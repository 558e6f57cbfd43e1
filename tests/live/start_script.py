#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is no run at all: a script whose name leads out of its directory, and one that the program could
not read, or whose interpreter it could not. Each ends with status 126 before the start and one line that
says why; no log, no verdict, and nothing that looks like an error of the program.
"""

import ctypes
import os
import shutil
import subprocess
import sys
import threading
import zipfile

sys.dont_write_bytecode = True
import harness as h

CANNOT, MISSING = 126, 127
ROOT = os.getuid() == 0
NOBODY = 65534
SECRET = "top secret, line one\nline two\n"
AT_FDCWD, RENAME_EXCHANGE = -100, 2


def run(box, words, *options, **popen):
    return h.proctor(words, *options, cwd=box, directory=popen.pop("directory", None), **popen)


def refused(sentence, done, *parts):
    err = done.err.decode(errors="replace")
    h.check(
        f"{sentence}: 126 before the start",
        done.status == CANNOT and done.out == b"" and err.startswith("proctor: ") and err.count("\n") == 1,
        done,
    )
    for part in parts:
        h.check(f"{sentence}: the line says {part!r}", part in err, err)
    h.check(f"{sentence}: no verdict", not os.path.exists(done.verdict_path), done)
    h.check(f"{sentence}: no log", not os.path.exists(done.log_path))


def ran(sentence, done, out):
    h.check(f"{sentence}: it runs", done.status == 0 and done.out == out and not done.err, done)


def python(*words):
    return [h.PYTHON, *words]


# ---------------------------------------------------------------- links


def links(box):
    private = h.place()
    secret = h.put(private, "secret", SECRET)
    h.put(private, "ref.py", "print('the reference')\n")
    for name, target in ("solve.py", secret), ("ref.py", private + "/ref.py"), ("twice.py", "solve.py"):
        os.symlink(target, os.path.join(box, name))
    for sentence, words in (
        ("a script that is a link to a secret", ["solve.py"]),
        ("by its whole path", [box + "/solve.py"]),
        ("through another link", ["twice.py"]),
        ("with the interpreter", ["--", *python("solve.py")]),
        ("with options", ["--", *python("-u", "-X", "dev", "solve.py")]),
        ("as a module", ["--", *python("-m", "solve")]),
        ("as a module, in one word", ["--", *python("-umsolve")]),
    ):
        done = h.finished(
            [h.PROCTOR, "run", "-o", box + "/log", "--verdict", box + "/verdict", *words],
            box + "/log",
            box + "/verdict",
            b"",
            None,
            60,
            {"cwd": box},
        )
        refused(sentence, done, "symbolic link", private)
        h.check(f"{sentence}: nothing of it is told", b"top secret" not in done.out + done.err, done)
    refused("a reference solution beside private files", run(box, python("ref.py")), "ref.py", private)
    for command in ("show", "solve.py"), ("test", "--script", "solve.py", "pure", "--read", secret):
        done = subprocess.run(
            [h.PROCTOR, "policy", *command], cwd=box, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False
        )
        h.check(
            f"proctor policy {command[0]}: the same",
            done.returncode == CANNOT and done.stdout == b"" and b"symbolic link" in done.stderr,
            done,
        )
    os.symlink("nowhere", os.path.join(box, "dangling.py"))
    done = run(box, python("dangling.py"))
    h.check("a dangling link: 127", done.status == MISSING and done.out == b"" and b"No such file" in done.err, done)
    os.symlink("a\x1b[31m\nb.py", os.path.join(box, "hostile.py"))
    h.put(box, "a\x1b[31m\nb.py", "print(1)\n")
    os.symlink(os.path.join(box, "a\x1b[31m\nb.py"), os.path.join(private, "hostile.py"))
    refused("a name of control characters", run(private, python("hostile.py")), "\\x1b", "\\n")


def packages(box):
    private = h.place()
    h.put(private, "ref.py", "print('the reference')\n")
    for path in "app/__main__.py", "pkg/__init__.py", "deep/sub/__main__.py":
        os.makedirs(os.path.dirname(os.path.join(box, path)))
        os.symlink(private + "/ref.py", os.path.join(box, path))
    h.put(box, "deep/__init__.py", "")
    h.put(box, "pkg/__main__.py", "print(1)\n")
    os.symlink(private, os.path.join(box, "whole"))
    for sentence, words in (
        ("a directory whose __main__.py is a link", python("app")),
        ("the same with a slash", python("app/")),
        ("the same as a module", python("-m", "app")),
        ("a package whose __init__.py is a link", python("-m", "pkg")),
        ("a package in a package", python("-m", "deep.sub")),
        ("a module in a directory that is a link", python("-m", "whole.ref")),
        ("a directory that is a link", python("whole")),
    ):
        refused(sentence, run(box, words), "symbolic link", private)
    done = h.finished(
        [h.PROCTOR, "run", "--python", h.PYTHON, "-o", box + "/log", "--verdict", box + "/v", "app"],
        box + "/log",
        box + "/v",
        b"",
        None,
        60,
        {"cwd": box},
    )
    refused("a directory with --python", done, private)
    with zipfile.ZipFile(os.path.join(private, "app.zip"), "w") as z:
        z.writestr("__main__.py", "print('zip')\n")
    os.symlink(private + "/app.zip", os.path.join(box, "app.zip"))
    refused("a zip file that is a link", run(box, python("app.zip")), "app.zip", private)
    ran("a zip file", run(private, python("app.zip")), b"zip\n")


def good_links(box):
    h.put(box, "src/main.py", "import helper; print(helper.WORD)\n")
    h.put(box, "src/helper.py", "WORD = 'fine'\n")
    os.symlink("src/main.py", os.path.join(box, "solve.py"))
    os.symlink("solve.py", os.path.join(box, "again.py"))
    os.symlink(".", os.path.join(box, "here"))
    for name in "solve.py", "again.py", "src/main.py", "./here/solve.py", box + "/solve.py":
        ran(f"{name}, a link in its own directory", run(box, python(name)), b"fine\n")
    elsewhere = h.place()
    os.symlink(box + "/src", os.path.join(elsewhere, "current"))
    ran("a directory on the way that is a link", run(elsewhere, python("current/main.py")), b"fine\n")
    ran("-m of a module that is there", run(box + "/src", python("-m", "main")), b"fine\n")
    ran("-m of one of the library's", run(box, python("-m", "calendar", "2024", "2")), h.native(python("-m", "calendar", "2024", "2")).out)
    h.put(box, "app/__main__.py", "import os\ntry: print(os.listdir('.'))\nexcept OSError as e: print('no', e.errno)\n"
          "try: print(open('src/helper.py').read())\nexcept OSError as e: print('no', e.errno)\n")
    ran("a directory is its own submission: what lies beside it is not granted", run(box, python("app")), b"no 13\nno 13\n")
    done = run(box + "/app", python("."))
    ran("a directory by the name .", done, b"['__main__.py']\nno 2\n")
    h.equal("and the log names it", done.records[0]["script"]["directory"], box + "/app")
    done = run(box, python("solve.py"))
    record = done.records[0]["script"]
    h.equal("the log names the file behind the link", (record["path"], record["directory"]), (box + "/src/main.py", box + "/src"))


def other_scripts(box):
    """What is no regular file is not opened before the interpreter opens it."""
    fifo = os.path.join(box, "fifo.py")
    os.mkfifo(fifo)

    def write():
        with open(fifo, "w") as out:
            out.write("print('from a pipe')\n")

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    ran("a FIFO as script", run(box, python("fifo.py"), timeout=30), b"from a pipe\n")
    thread.join(10)
    os.rename(h.put(box, "-c", "print(1)\n"), os.path.join(box, "-odd.py"))
    ran("a script after --", run(box, python("--", "-odd.py")), b"1\n")
    ran("-c", run(box, python("-c", "print(2)")), b"2\n")
    ran("standard input", run(box, python("-"), stdin=b"print(3)\n"), b"3\n")


def exchanged(box):
    """A link that changes meanwhile: the run is what was looked at, or none."""
    private = h.place()
    secret = h.put(private, "secret.py", "print('the secret')\n")
    h.put(box, "good.py", "print('good')\n")
    os.symlink("good.py", os.path.join(box, "solve.py"))
    os.symlink(secret, os.path.join(box, "other.py"))
    a, b = os.path.join(box, "solve.py").encode(), os.path.join(box, "other.py").encode()
    stop = threading.Event()

    def exchange():
        while not stop.is_set():
            # renameat2, by number: the C library may not have it.
            h.libc.syscall(316, AT_FDCWD, ctypes.c_char_p(a), AT_FDCWD, ctypes.c_char_p(b), RENAME_EXCHANGE)

    thread = threading.Thread(target=exchange)
    thread.start()
    wrong, seen = [], set()
    try:
        for _ in range(int(os.environ.get("EXCHANGE_RUNS") or 40)):
            done = run(box, python("solve.py"))
            seen.add(done.status)
            if b"the secret" in done.out + done.err:
                wrong.append(done)
    finally:
        stop.set()
        thread.join()
    h.check(f"a link that is exchanged all the time never shows the other file (statuses {sorted(map(str, seen))})", not wrong, wrong[:1])


# ---------------------------------------------------------------- what cannot be read


def unreadable(box):
    os.chmod(box, 0o755)
    script = h.put(box, "solve.py", "print(1)\n")
    os.chmod(script, 0)
    for mode in "child", "verdict", "judged":
        refused(f"a script that nobody may read, --exit {mode}", run(box, python("solve.py"), "--exit", mode), "solve.py", "denied")
    os.chmod(script, 0o644)
    h.put(box, "app/__main__.py", "print(2)\n")
    os.chmod(os.path.join(box, "app/__main__.py"), 0)
    refused("a directory's __main__.py", run(box, python("app")), "__main__.py", "denied")
    h.put(box, "module.py", "print(3)\n")
    os.chmod(os.path.join(box, "module.py"), 0)
    refused("a module of -m", run(box, python("-m", "module")), "module.py", "denied")
    os.mkdir(os.path.join(box, "locked"))
    h.put(box, "locked/solve.py", "print(4)\n")
    os.chmod(os.path.join(box, "locked"), 0)
    refused("a script in a directory that may not be entered", run(box, python("locked/solve.py")), "solve.py", "denied")
    os.chmod(os.path.join(box, "locked"), 0o311)
    ran("a directory that may be entered and not listed", run(box, python("locked/solve.py")), b"4\n")
    os.chmod(os.path.join(box, "locked"), 0o755)


def nobody_may(path):
    return h.native(["test", "-x", path], user=NOBODY, group=NOBODY, extra_groups=[]).status == 0


def of_others(box):
    if not ROOT:
        return h.skip("files of other users", "needs root")
    os.chmod(box, 0o755)
    theirs, ours = h.put(box, "theirs.py", "print(1)\n"), h.put(box, "ours.py", "print(2)\n")
    os.chmod(theirs, 0o600)
    os.chown(theirs, NOBODY, NOBODY)
    os.chmod(ours, 0o600)
    # A root without its capabilities is an ordinary user.
    refused("another user's script, as root", run(box, python("theirs.py")), "theirs.py", "denied")
    ran("root's own", run(box, python("ours.py")), b"2\n")
    if not nobody_may(h.PROCTOR) or not nobody_may(h.PYTHON):
        return h.skip("--user nobody", "an ordinary user cannot reach this build")
    logs = h.place()
    os.chmod(logs, 0o777)
    who = "--user", "nobody"
    refused("root's script, as nobody", run(box, python("ours.py"), *who, directory=logs), "ours.py", "denied", "nobody")
    ran("nobody's own", run(box, python("theirs.py"), *who, directory=logs), b"1\n")
    os.chown(ours, 0, NOBODY)
    os.chmod(ours, 0o640)
    ran("one of nobody's group", run(box, python("ours.py"), *who, directory=logs), b"2\n")
    os.chmod(box, 0o700)
    refused("in a directory that nobody may enter", run(box, python("theirs.py"), *who, directory=logs), "theirs.py", "denied")
    os.chmod(box, 0o755)


def interpreter_files(box):
    """A CPython of our own, whose parts are taken away one by one. It need not be whole for that."""
    real = os.path.realpath(h.PYTHON)
    major, minor = h.sys_version(h.PYTHON)[:2]
    exe = os.path.join(box, f"bin/python{major}.{minor}")
    library = os.path.join(box, f"lib/python{major}.{minor}")
    os.makedirs(os.path.dirname(exe))
    shutil.copy(real, exe)
    h.put(library, "os.py", "")
    first = h.put(library, "encodings/__init__.py", "")
    h.put(box, "solve.py", "print(1)\n")
    os.chmod(first, 0)
    refused("a standard library that may not be read", run(box, [exe, "solve.py"]), first, "denied")
    os.chmod(first, 0o644)
    os.chmod(os.path.dirname(first), 0)
    refused("a directory of it that may not be entered", run(box, [exe, "solve.py"]), first, "denied")
    os.chmod(os.path.dirname(first), 0o755)
    if ROOT:
        os.chown(exe, NOBODY, NOBODY)
        os.chmod(exe, 0o744)
        refused("an interpreter that may not be executed", run(box, [exe, "solve.py"]), exe)


def libraries(box):
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        return h.skip("libraries that may not be read", "there is no C compiler")
    os.makedirs(box + "/lib")
    inner, outer = h.put(box, "inner.c", "int inner(void) { return 7; }\n"), h.put(
        box, "outer.c", "int inner(void); int outer(void) { return inner(); }\n"
    )
    main = h.put(box, "main.c", "int outer(void); int main(void) { return outer(); }\n")
    for command in (
        [inner, "-shared", "-fPIC", "-o", box + "/lib/libproctortestinner.so"],
        [outer, "-shared", "-fPIC", "-o", box + "/lib/libproctortestouter.so", "-L" + box + "/lib", "-lproctortestinner"],
        [main, "-o", box + "/prog", "-L" + box + "/lib", "-lproctortestouter", "-Wl,-rpath," + box + "/lib", "-Wl,--disable-new-dtags"],
    ):
        done = subprocess.run([compiler, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode:
            return h.skip("libraries that may not be read", f"they cannot be built: {done.stderr[:200]}")
    options = "-r", box + "/lib"
    h.equal("a program with libraries of its own", run(box, [box + "/prog"], *options).status, 7)
    for name in "outer", "inner":
        path = f"{box}/lib/libproctortest{name}.so"
        os.chmod(path, 0)
        refused(f"its {name} library may not be read", run(box, [box + "/prog"], *options), path, "denied")
        os.chmod(path, 0o644)
    refused("no grant for them", run(box, [box + "/prog"]), "libproctortestouter.so", "policy")
    os.mkdir(box + "/other")
    shutil.copy(box + "/lib/libproctortestinner.so", box + "/other")
    os.chmod(box + "/lib/libproctortestinner.so", 0)
    done = run(box, [box + "/prog"], *options, "-r", box + "/other", "--env", f"LD_LIBRARY_PATH={box}/other")
    h.equal("another that may be read is enough", done.status, 7)


def grants(box):
    h.put(box, "solve.py", "print(1)\n")
    for sentence, text, what in (
        ("a policy without an interpreter", "version: 1\n", ""),
        ("a policy that hides the script", f"version: 1\nextends: builtin:pure\nhide: ['{box}/solve.py']\n", "solve.py"),
    ):
        policy = h.put(box, "p.yaml", text)
        refused(sentence, run(box, python("solve.py"), "-p", policy), "p.yaml", what)
        done = run(box, python("solve.py"), "-q", "-p", policy, "--mode", "audit")
        ran(f"{sentence}, in audit mode", done, b"1\n")
    policy = h.put(box, "p.yaml", "version: 1\nextends: builtin:python\n")
    ran("a policy that does not name the submission: the script alone", run(box, python("solve.py"), "-p", policy), b"1\n")


def main():
    for part in links, packages, good_links, other_scripts, exchanged, unreadable, of_others, interpreter_files, libraries, grants:
        h.title(part.__name__)
        part(h.place())
    h.equal("no process is left", h.survivors(), [])
    h.finish()


main()
