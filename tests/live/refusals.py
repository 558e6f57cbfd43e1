#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A refused call raises the exception that a person expects, the interpreter lives on, and the log
says which call it was, what it named, what it was answered, by which rule and from which line.
"""

import json
import os
import sys

sys.dont_write_bytecode = True
import harness as h


def case(code, *calls, path=None, raises="PermissionError", error="EACCES"):
    """CODE, the exceptions one of which it raises, its errno, the system calls one of which is recorded,
    and the path. {box} is the granted directory, {out} one that nothing grants, {hidden} a hidden one."""
    return code, raises, error, calls, path


CASES = {
    "open a file outside": case("open({out!r} + '/file')", "openat", path="{out}/file"),
    "open one that is not there": case("open({out!r} + '/none')", "openat", path="{out}/none"),
    "open by ..": case("open({box!r} + '/../' + {out!r}.split('/')[-1] + '/file')", "openat", path="{out}/file"),
    "open /etc/passwd": case("open('/etc/passwd')", "openat", path="/etc/passwd"),
    "list a directory outside": case("os.listdir({out!r})", "openat", path="{out}"),
    "stat outside": case(
        "os.stat({out!r} + '/file')",
        "newfstatat",
        "stat",
        path="{out}/file",
        raises="FileNotFoundError",
        error="ENOENT",
    ),
    "access outside": case(
        "os.access({out!r} + '/file', 4) or fail()",
        "access",
        path="{out}/file",
        raises="Failed",
        error=None,
    ),
    "readlink outside": case("os.readlink({out!r} + '/link')", "readlink", path="{out}/link",
                            raises="FileNotFoundError", error="ENOENT"),
    "statvfs outside": case("os.statvfs({out!r})", "statfs", path="{out}",
                            raises="FileNotFoundError", error="ENOENT"),
    "chdir outside": case("os.chdir({out!r})", "chdir", path="{out}"),
    "open a hidden file": case(
        "open({hidden!r} + '/file')", "openat", path="{hidden}/file", raises="FileNotFoundError", error="ENOENT"
    ),
    "stat a hidden file": case(
        "os.stat({hidden!r} + '/file')",
        "newfstatat",
        "stat",
        path="{hidden}/file",
        raises="FileNotFoundError",
        error="ENOENT",
    ),
    "list a hidden directory": case(
        "os.listdir({hidden!r})", "openat", path="{hidden}", raises="FileNotFoundError", error="ENOENT"
    ),
    "write a file in the granted directory": case("open({box!r} + '/new', 'w')", "openat", path="{box}/new"),
    "append to a granted file": case("open({box!r} + '/data', 'a')", "openat", path="{box}/data"),
    "open a granted file for update": case("open({box!r} + '/data', 'r+')", "openat", path="{box}/data"),
    "mkdir": case("os.mkdir({box!r} + '/d')", "mkdir", path="{box}/d"),
    "unlink": case("os.unlink({box!r} + '/data')", "unlink", path="{box}/data"),
    "rmdir": case("os.rmdir({box!r} + '/sub')", "rmdir", path="{box}/sub"),
    "rename": case("os.rename({box!r} + '/data', {box!r} + '/e')", "rename"),
    "link": case("os.link({box!r} + '/data', {box!r} + '/e')", "link", "linkat"),
    "symlink": case("os.symlink('data', {box!r} + '/e')", "symlink", path="{box}/e"),
    "chmod": case("os.chmod({box!r} + '/data', 0o777)", "chmod", "fchmodat", path="{box}/data"),
    "chown": case("os.chown({box!r} + '/data', 1, 1)", "chown", path="{box}/data"),
    "utime": case("os.utime({box!r} + '/data')", "utimensat", path="{box}/data"),
    "truncate": case("os.truncate({box!r} + '/data', 0)", "truncate", path="{box}/data"),
    "mkfifo": case("os.mkfifo({box!r} + '/f')", "mknod", "mknodat", path="{box}/f"),
    "setxattr": case("os.setxattr({box!r} + '/data', 'user.a', b'b')", "setxattr", path="{box}/data"),
    "a temporary file": case(
        "tempfile.TemporaryFile()", "openat", raises="FileNotFoundError|PermissionError", error=None
    ),
    "a TCP socket": case("socket.socket()", "socket"),
    "a UDP socket": case("socket.socket(type=socket.SOCK_DGRAM)", "socket"),
    "a UNIX socket": case("socket.socket(socket.AF_UNIX)", "socket"),
    "a netlink socket": case("socket.socket(socket.AF_NETLINK, 3)", "socket", raises="OSError", error="EAFNOSUPPORT"),
    "an IPv6 socket": case("socket.socket(socket.AF_INET6)", "socket", raises="OSError", error="EAFNOSUPPORT"),
    "an address of IPv6": case("socket.create_connection(('::1', 9))", "socket"),
    "an HTTP request": case(
        "urllib.request.urlopen('http://127.0.0.1:9/')", "socket", raises="URLError|PermissionError", error=None
    ),
    "subprocess": case("subprocess.run(['/bin/true'])", "vfork", "fork", "clone"),
    "os.system": case(
        "sys.exit('ran') if os.system('true') == 0 else fail()",
        "vfork",
        "fork",
        "clone",
        "clone3",
        raises="Failed",
        error=None,
    ),
    "os.fork": case("os.fork() or os._exit(9)", "fork", "clone"),
    "os.posix_spawn": case("os.posix_spawn('/bin/true', ['true'], {{}})", "clone", "vfork"),
    "multiprocessing": case("multiprocessing.get_context('fork').Process(target=print).start()", "fork", "clone"),
    "os.execv": case("os.execv('/bin/true', ['true'])", "execve", path="/bin/true"),
    "os.kill its parent": case("os.kill(os.getppid(), 0)", "kill"),
    "os.kill process 1": case("os.kill(1, 9)", "kill"),
    "os.kill everybody": case("os.kill(-1, 9)", "kill"),
    "os.killpg its own group": case("os.killpg(0, 0)", "kill"),
    "os.setuid": case("os.setuid(1)", "setuid", error="EPERM"),
    "os.setsid": case("os.setsid()", "setsid", error="EPERM"),
    "os.nice": case("os.nice(5)", "setpriority", error=None),
    "os.chroot": case("os.chroot('/')", "chroot"),
    "os.sched_setaffinity": case("os.sched_setaffinity(0, [0])", "sched_setaffinity"),
    "os.memfd_create": case("os.memfd_create('x')", "memfd_create"),
    "fcntl.flock": case("fcntl.flock(os.open({box!r} + '/data', 0), fcntl.LOCK_EX)", "flock"),
    "a terminal ioctl": case("fcntl.ioctl(0, 0x5412, b'x')", "ioctl"),
    # The memory is there; what removes it when the program dies is a process.
    "shared_memory's tracker": case("shared_memory.SharedMemory(create=True, size=10)", "vfork", "clone", "clone3", "fork"),
    "signal.pidfd_send_signal": case("os.pidfd_open(os.getppid())", "pidfd_open"),
    "/proc/PID/mem of the parent": case(
        "open('/proc/%d/mem' % os.getppid())", "openat", raises="PermissionError|FileNotFoundError", error=None
    ),
    "its own memory by /proc": case(
        "open('/proc/self/mem', 'rb')", "openat", raises="PermissionError|FileNotFoundError", error=None
    ),
    "sendto with an address": case("socket.socketpair(type=socket.SOCK_DGRAM)[0].sendto(b'x', '/tmp/x')", "sendto"),
    "posix message queue": case("syscall(240, b'/q', 0o102, 0o600, None)", "mq_open"),
    "shmget": case("syscall(29, 0, 4096, 0o1600)", "shmget"),
    "ptrace": case("syscall(101, 0, 0, 0, 0)", "ptrace"),
    "bpf": case("syscall(321, 0, 0, 0)", "bpf"),
    "io_uring_setup": case("syscall(425, 1, None)", "io_uring_setup"),
    "perf_event_open": case("syscall(298, None, 0, 0, -1, 0)", "perf_event_open"),
    "seccomp": case("syscall(317, 1, 0, None)", "seccomp"),
    "unshare": case("syscall(272, 0x10000000)", "unshare"),
    "a syscall that does not exist": case("syscall(999)", raises="OSError", error="ENOSYS"),
}

HEAD = """\
import errno, fcntl, json, multiprocessing, os, socket, subprocess, sys, tempfile, threading, urllib.request, ctypes
from multiprocessing import shared_memory
libc = ctypes.CDLL(None, use_errno=True)
class Failed(Exception): pass
def fail(): raise Failed
def syscall(nr, *args):
    if libc.syscall(nr, *args) < 0:
        raise OSError(ctypes.get_errno(), 'syscall')
results = {}
def note(name, error):
    results[name] = [type(error).__name__, errno.errorcode.get(getattr(error, 'errno', None) or 0)]
"""


def program(names):
    lines = HEAD.split("\n")[:-1]
    where = {}
    for number, name in enumerate(CASES):
        code = CASES[name][0].format(**names)
        lines += [f"def case{number}():", f"    {code}"]
        where[name] = (len(lines), f"case{number}")
        lines += [
            "try:",
            f"    case{number}()",
            f"    results[{name!r}] = ['nothing', None]",
            "except BaseException as e:",
            f"    note({name!r}, e)",
        ]
    lines.append("print(json.dumps(results))")
    return "\n".join(lines) + "\n", where


def one(name, results, run, where, names):
    code, exceptions, error, syscalls, path = CASES[name]
    got = results.get(name, ["missing", None])
    h.check(f"{name}: {exceptions}", got[0] in exceptions.split("|") and (error is None or got[1] == error), got)
    line, function = where[name]
    path = path.format(**names) if path else None
    if exceptions == "FileNotFoundError" or error == "EAFNOSUPPORT" or name == "access outside":
        found = [r for r in run.calls(path=path, decision="hide") if r["event"]["action"] in syscalls]
        h.check(
            f"{name}: recorded as hidden, no violation",
            found
            and not found[0]["decision"].get("violation")
            and found[0]["syscall"]["errno"] == (error or "ENOENT")
            and found[0]["rule"]["ref"],
            found[:1],
        )
        return
    # The line is that of the case, or of the syscall() that it called.
    found = [r for r in run.refused() if any(f["line"] == line for f in r["stack"]["python"])]
    good = [r for r in found if not syscalls or r["event"]["action"] in syscalls]
    if not h.check(f"{name}: recorded with its line", bool(good), f"line {line}", found[:2]):
        return
    record = good[0]
    facts = {
        "file": record["code"]["file.path"] == names["script"],
        "function": record["code"]["function.name"] in (function, "syscall"),
        "decision": record["decision"]["action"] == "deny" and record["decision"]["enforced"],
        "event": record["event"]["type"] == ["denied"] and record["event"]["outcome"] == "failure",
        "rule": bool(record["rule"]["id"]) and bool(record["rule"]["ref"]),
        "errno": error is None or record["syscall"]["errno"] == error,
        "path": path is None or record.get("file", {}).get("path") == path,
        "stack": [f["function"] for f in record["stack"]["python"]][-2:] == [function, "<module>"],
    }
    h.check(f"{name}: the record is right", all(facts.values()), [k for k in facts if not facts[k]], json.dumps(record))


def main():
    box, out, hidden = h.place(), h.place(), h.place()
    h.put(box, "data", "data\n")
    os.mkdir(box + "/sub")
    for directory in out, hidden:
        h.put(directory, "file", "secret\n")
        os.symlink("file", directory + "/link")
    names = {"box": box, "out": out, "hidden": hidden, "script": box + "/refused.py"}
    text, where = program(names)
    h.put(box, "refused.py", text)
    policy = h.put(
        h.place(), "p.yaml", f"version: 1\nextends: builtin:pure\nhide: [{hidden}/**, {hidden}]\nlimits: {{tasks: 8}}\n"
    )
    before = sorted(os.listdir(box))
    for version, python in h.interpreters():
        # All of them in one run: the interpreter survives every refusal and goes on to the next.
        run = h.proctor([python, names["script"]], "-p", policy, cwd=box)
        label = ".".join(map(str, version))
        h.title(f"Python {label}")
        if not h.check("the program ran to its end", run.status == 0 and run.verdict.get("status") == "OK", run):
            continue
        h.equal("violations in the verdict are those in the log", run.verdict["violations"], len(run.refused()))
        first = run.refused()[0]
        told = run.verdict["first_violation"]
        h.check(
            "the verdict's first violation is the log's",
            told["seq"] == first["event"]["sequence"]
            and told["action"] == first["event"]["action"]
            and told["path"] == first["file"]["path"]
            and told["code"] == f"refused.py:{first['code']['line.number']}",
            told,
        )
        results = json.loads(run.out)
        for name in CASES:
            if python == h.PYTHON:
                one(name, results, run, where, names)
        if python != h.PYTHON:
            wrong = {
                name: results.get(name) for name in CASES if results.get(name, [""])[0] not in CASES[name][1].split("|")
            }
            h.equal("every refusal raised what is expected", wrong, {})
    h.equal("nothing in the granted directory has changed", sorted(os.listdir(box)), before)
    h.equal("no process is left", h.survivors(), [])
    h.finish()


main()
