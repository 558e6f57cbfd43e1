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

# name -> (code, exception, errno's name or None, syscalls one of which is recorded, path or None)
# {box} is the granted directory, {out} one that nothing grants, {hidden} one the policy hides.
CASES = {
    "open a file outside": ("open({out!r} + '/file')", "PermissionError", "EACCES", ["openat"], "{out}/file"),
    "open one that is not there": ("open({out!r} + '/none')", "PermissionError", "EACCES", ["openat"], "{out}/none"),
    "open by ..": ("open({box!r} + '/../' + {out!r}.split('/')[-1] + '/file')", "PermissionError", "EACCES", ["openat"],
                   "{out}/file"),
    "open /etc/passwd": ("open('/etc/passwd')", "PermissionError", "EACCES", ["openat"], "/etc/passwd"),
    "list a directory outside": ("os.listdir({out!r})", "PermissionError", "EACCES", ["openat"], "{out}"),
    "stat outside": ("os.stat({out!r} + '/file')", "PermissionError", "EACCES", ["newfstatat", "stat"], "{out}/file"),
    "access outside": ("print(end='') or os.access({out!r} + '/file', 4) or fail()", "Failed", None, ["access"], "{out}/file"),
    "readlink outside": ("os.readlink({out!r} + '/link')", "PermissionError", "EACCES", ["readlink"], "{out}/link"),
    "statvfs outside": ("os.statvfs({out!r})", "PermissionError", "EACCES", ["statfs"], "{out}"),
    "chdir outside": ("os.chdir({out!r})", "PermissionError", "EACCES", ["chdir"], "{out}"),
    "open a hidden file": ("open({hidden!r} + '/file')", "FileNotFoundError", "ENOENT", ["openat"], "{hidden}/file"),
    "stat a hidden file": ("os.stat({hidden!r} + '/file')", "FileNotFoundError", "ENOENT", ["newfstatat", "stat"], "{hidden}/file"),
    "list a hidden directory": ("os.listdir({hidden!r})", "FileNotFoundError", "ENOENT", ["openat"], "{hidden}"),
    "write a file in the granted directory": ("open({box!r} + '/new', 'w')", "PermissionError", "EACCES", ["openat"], "{box}/new"),
    "append to a granted file": ("open({box!r} + '/data', 'a')", "PermissionError", "EACCES", ["openat"], "{box}/data"),
    "open a granted file for update": ("open({box!r} + '/data', 'r+')", "PermissionError", "EACCES", ["openat"], "{box}/data"),
    "mkdir": ("os.mkdir({box!r} + '/d')", "PermissionError", "EACCES", ["mkdir"], "{box}/d"),
    "unlink": ("os.unlink({box!r} + '/data')", "PermissionError", "EACCES", ["unlink"], "{box}/data"),
    "rmdir": ("os.rmdir({box!r} + '/sub')", "PermissionError", "EACCES", ["rmdir"], "{box}/sub"),
    "rename": ("os.rename({box!r} + '/data', {box!r} + '/e')", "PermissionError", "EACCES", ["rename"], None),
    "link": ("os.link({box!r} + '/data', {box!r} + '/e')", "PermissionError", "EACCES", ["link", "linkat"], None),
    "symlink": ("os.symlink('data', {box!r} + '/e')", "PermissionError", "EACCES", ["symlink"], "{box}/e"),
    "chmod": ("os.chmod({box!r} + '/data', 0o777)", "PermissionError", "EACCES", ["chmod", "fchmodat"], "{box}/data"),
    "chown": ("os.chown({box!r} + '/data', 1, 1)", "PermissionError", "EACCES", ["chown"], "{box}/data"),
    "utime": ("os.utime({box!r} + '/data')", "PermissionError", "EACCES", ["utimensat"], "{box}/data"),
    "truncate": ("os.truncate({box!r} + '/data', 0)", "PermissionError", "EACCES", ["truncate"], "{box}/data"),
    "mkfifo": ("os.mkfifo({box!r} + '/f')", "PermissionError", "EACCES", ["mknod", "mknodat"], "{box}/f"),
    "setxattr": ("os.setxattr({box!r} + '/data', 'user.a', b'b')", "PermissionError", "EACCES", ["setxattr"], "{box}/data"),
    "a temporary file": ("tempfile.TemporaryFile()", "FileNotFoundError|PermissionError", None, ["openat"], None),
    "a TCP socket": ("socket.socket()", "PermissionError", "EACCES", ["socket"], None),
    "a UDP socket": ("socket.socket(type=socket.SOCK_DGRAM)", "PermissionError", "EACCES", ["socket"], None),
    "a UNIX socket": ("socket.socket(socket.AF_UNIX)", "PermissionError", "EACCES", ["socket"], None),
    "a netlink socket": ("socket.socket(socket.AF_NETLINK, 3)", "PermissionError", "EACCES", ["socket"], None),
    "an HTTP request": ("urllib.request.urlopen('http://127.0.0.1:9/')", "URLError|PermissionError", None, ["socket"], None),
    "subprocess": ("subprocess.run(['/bin/true'])", "PermissionError", "EACCES", ["vfork", "fork", "clone"], None),
    "os.system": ("sys.exit('ran') if os.system('true') == 0 else fail()", "Failed", None, ["vfork", "fork", "clone", "clone3"], None),
    "os.fork": ("os.fork() or os._exit(9)", "PermissionError", "EACCES", ["fork", "clone"], None),
    "os.posix_spawn": ("os.posix_spawn('/bin/true', ['true'], {{}})", "PermissionError", "EACCES", ["clone", "vfork"], None),
    "multiprocessing": ("multiprocessing.get_context('fork').Process(target=print).start()", "PermissionError", "EACCES",
                        ["fork", "clone"], None),
    "os.execv": ("os.execv('/bin/true', ['true'])", "PermissionError", "EACCES", ["execve"], "/bin/true"),
    "os.kill its parent": ("os.kill(os.getppid(), 0)", "PermissionError", "EACCES", ["kill"], None),
    "os.kill process 1": ("os.kill(1, 9)", "PermissionError", "EACCES", ["kill"], None),
    "os.kill everybody": ("os.kill(-1, 9)", "PermissionError", "EACCES", ["kill"], None),
    "os.killpg its own group": ("os.killpg(0, 0)", "PermissionError", "EACCES", ["kill"], None),
    "os.setuid": ("os.setuid(1)", "PermissionError", "EPERM", ["setuid"], None),
    "os.setsid": ("os.setsid()", "PermissionError", "EPERM", ["setsid"], None),
    "os.nice": ("os.nice(5)", "PermissionError", None, ["setpriority"], None),
    "os.chroot": ("os.chroot('/')", "PermissionError", "EACCES", ["chroot"], None),
    "os.sched_setaffinity": ("os.sched_setaffinity(0, [0])", "PermissionError", "EACCES", ["sched_setaffinity"], None),
    "os.memfd_create": ("os.memfd_create('x')", "PermissionError", "EACCES", ["memfd_create"], None),
    "fcntl.flock": ("fcntl.flock(os.open({box!r} + '/data', 0), fcntl.LOCK_EX)", "PermissionError", "EACCES", ["flock"], None),
    "a terminal ioctl": ("fcntl.ioctl(0, 0x5412, b'x')", "PermissionError", "EACCES", ["ioctl"], None),
    "shared_memory": ("shared_memory.SharedMemory(create=True, size=10)", "PermissionError|FileNotFoundError", None, ["openat"], None),
    "signal.pidfd_send_signal": ("os.pidfd_open(os.getppid())", "PermissionError", "EACCES", ["pidfd_open"], None),
    "/proc/PID/mem of the parent": ("open('/proc/%d/mem' % os.getppid())", "PermissionError|FileNotFoundError", None, ["openat"], None),
    "its own memory by /proc": ("open('/proc/self/mem', 'rb')", "PermissionError|FileNotFoundError", None, ["openat"], None),
    "sendto with an address": ("socket.socketpair(type=socket.SOCK_DGRAM)[0].sendto(b'x', '/tmp/x')", "PermissionError", "EACCES",
                               ["sendto"], None),
    "posix message queue": ("syscall(240, b'/q', 0o102, 0o600, None)", "PermissionError", "EACCES", ["mq_open"], None),
    "shmget": ("syscall(29, 0, 4096, 0o1600)", "PermissionError", "EACCES", ["shmget"], None),
    "ptrace": ("syscall(101, 0, 0, 0, 0)", "PermissionError", "EACCES", ["ptrace"], None),
    "bpf": ("syscall(321, 0, 0, 0)", "PermissionError", "EACCES", ["bpf"], None),
    "io_uring_setup": ("syscall(425, 1, None)", "PermissionError", "EACCES", ["io_uring_setup"], None),
    "perf_event_open": ("syscall(298, None, 0, 0, -1, 0)", "PermissionError", "EACCES", ["perf_event_open"], None),
    "seccomp": ("syscall(317, 1, 0, None)", "PermissionError", "EACCES", ["seccomp"], None),
    "unshare": ("syscall(272, 0x10000000)", "PermissionError", "EACCES", ["unshare"], None),
    "a syscall that does not exist": ("syscall(999)", "OSError", "ENOSYS", None, None),
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
        lines += ["try:", f"    case{number}()", f"    results[{name!r}] = ['nothing', None]",
                  "except BaseException as e:", f"    note({name!r}, e)"]
    lines.append("print(json.dumps(results))")
    return "\n".join(lines) + "\n", where


def one(name, results, run, where, names):
    code, exceptions, error, syscalls, path = CASES[name]
    got = results.get(name, ["missing", None])
    h.check(f"{name}: {exceptions}", got[0] in exceptions.split("|") and (error is None or got[1] == error), got)
    line, function = where[name]
    path = path.format(**names) if path else None
    hidden = exceptions == "FileNotFoundError"
    if hidden:
        found = [r for r in run.calls(path=path, decision="hide") if r["event"]["action"] in syscalls]
        h.check(f"{name}: recorded as hidden, no violation",
                found and not found[0]["decision"].get("violation") and
                found[0]["syscall"]["errno"] == error and found[0]["rule"]["ref"], found[:1])
        return
    # The line is that of the case, or of the syscall() that it called.
    found = [r for r in run.refused() if any(f["line"] == line for f in r["stack"]["python"])]
    good = [r for r in found if syscalls is None or r["event"]["action"] in syscalls]
    if not h.check(f"{name}: recorded with its line", bool(good), f"line {line}", found[:2]):
        return
    record = good[0]
    facts = {
        "file": record["code"]["file.path"] == names["script"], "function": record["code"]["function.name"] in (function, "syscall"),
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
    policy = h.put(h.place(), "p.yaml", f"version: 1\nextends: builtin:pure\nhide: [{hidden}/**, {hidden}]\nlimits: {{tasks: 8}}\n")
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
        h.check("the verdict's first violation is the log's",
                told["seq"] == first["event"]["sequence"] and told["action"] == first["event"]["action"] and
                told["path"] == first["file"]["path"] and told["code"] == f"refused.py:{first['code']['line.number']}", told)
        results = json.loads(run.out)
        for name in CASES:
            if python == h.PYTHON:
                one(name, results, run, where, names)
        if python != h.PYTHON:
            wrong = {name: results.get(name) for name in CASES if results.get(name, [""])[0] not in CASES[name][1].split("|")}
            h.equal("every refusal raised what is expected", wrong, {})
    h.equal("nothing in the granted directory has changed", sorted(os.listdir(box)), before)
    h.equal("no process is left", h.survivors(), [])
    h.finish()


main()
