#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the second wall holds alone: Landlock, no_new_privs and dropped capabilities behind a broker
that allows everything (second_wall_allow.c), and what it does not hold.

The same attempts are made three times: with no sandbox, where each has to win; behind the second
wall; under proctor, where none may win. What won is seen from outside: by the listeners, by the
victim process, by the directory, by secrets that come out."""
import json
import os
import secrets
import signal
import socket
import stat
import subprocess
import sys
import threading
import time

from harness import PROCTOR, PYTHON, check, clean_env, equal, finish, not_held, place, put, sanitized, skip, skip_all, \
    survivors, title, warmth

ALLOW_ALL = os.path.join(os.path.dirname(PROCTOR), "tests/live/second_wall_proctor")
MARK = b"second_wall_allow"
SAN = 8 if sanitized() else 1

ATTEMPTS = r'''
import ctypes, errno, json, os, signal, socket, struct, sys, time
at = json.loads(sys.argv[1])
native = sys.argv[2] == "native"
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long

def sys_call(nr, *args):
    made = [ctypes.c_long(a) if isinstance(a, int) else a for a in args]
    r = libc.syscall(ctypes.c_long(nr), *made)
    if r < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return r

def read(path, **how):
    fd = os.open(path, os.O_RDONLY, **how)
    return os.read(fd, 100).decode()

def write(path, flags=os.O_WRONLY):
    os.write(os.open(path, flags, 0o600), b"changed")

def own_mounts():
    """With no sandbox, so that nothing of the machine changes."""
    if native:
        sys_call(272, 0x20000 | 0x4000000)  # unshare(CLONE_NEWNS | CLONE_NEWUTS)
        sys_call(165, 0, b"/", 0, 0x4000 | 0x40000, 0)  # MS_REC | MS_PRIVATE

def outside(name):
    return os.path.join(at["outside"], name)

def read_o_path():
    return read("secret", dir_fd=os.open(at["outside"], os.O_PATH | os.O_DIRECTORY))
def read_chdir():
    os.chdir(at["outside"])
    return read("secret")
def unix_bind():
    socket.socket(socket.AF_UNIX).bind(outside("made-socket"))
def say(family, kind, address):
    s = socket.socket(family, kind)
    s.settimeout(5)
    s.connect(address)
    s.send(at["token"].encode())
    if kind != socket.SOCK_DGRAM:
        s.recv(1)
def tcp_bind():
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", at["bind_port"]))
    s.listen()
    s.settimeout(5)
    s.accept()[0].send(at["token"].encode())
def execute():
    pid = os.fork()
    if pid == 0:
        try:
            os.execv(outside("program"), ["program"])
        finally:
            os._exit(7)
    return os.waitpid(pid, 0)[1] and "failed"
def pidfd_signal():
    sys_call(424, sys_call(434, at["victim"], 0), signal.SIGUSR2, 0, 0)
def victim_memory():
    out = ctypes.create_string_buffer(64)
    local = (ctypes.c_size_t * 2)(ctypes.addressof(out), 63)
    remote = (ctypes.c_size_t * 2)(at["address"], 63)
    sys_call(310, at["victim"], local, 1, remote, 1, 0)
    return out.value.decode()
def mount_tmpfs():
    own_mounts()
    sys_call(165, b"none", at["outside"].encode(), b"tmpfs", 0, 0)
def user_namespace_mount():
    sys_call(272, 0x10000000 | 0x20000)
    sys_call(165, b"none", at["outside"].encode(), b"tmpfs", 0, 0)
def host_name():
    own_mounts()
    sys_call(170, b"changed", 7)
def bind_device():
    os.mknod(outside("device"), 0o600 | 0o020000, os.makedev(1, 3))
def raw_socket():
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
def times():
    os.utime(outside("times"), (1, 1))

attempts = {
    "read a file": lambda: read(outside("secret")),
    "read it through an O_PATH directory": read_o_path,
    "read it after chdir": read_chdir,
    "read it by ..": lambda: read(os.path.join(at["granted"], "..", "outside", "secret")),
    "read it by a link in a granted directory": lambda: read(os.path.join(at["granted"], "link")),
    "list a directory": lambda: ",".join(os.listdir(at["outside"])),
    "write a file": lambda: write(outside("written")),
    "write a file of a granted directory": lambda: write(os.path.join(at["granted"], "file")),
    "truncate a file": lambda: os.truncate(outside("truncated"), 1),
    "create a file": lambda: write(outside("made"), os.O_WRONLY | os.O_CREAT),
    "create a file without a name": lambda: write(at["outside"], os.O_WRONLY | os.O_TMPFILE) or "made",
    "make a directory": lambda: os.mkdir(outside("made-directory")),
    "make a link": lambda: os.symlink("file", outside("made-link")),
    "make a hard link": lambda: os.link(outside("linked"), outside("made-hard-link")),
    "make a FIFO": lambda: os.mkfifo(outside("made-fifo")),
    "make a socket": unix_bind,
    "rename a file": lambda: os.rename(outside("renamed"), outside("renamed-to")),
    "remove a file": lambda: os.unlink(outside("removed")),
    "remove a directory": lambda: os.rmdir(outside("removed-directory")),
    "execute a program": execute,
    "connect by TCP": lambda: say(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", at["tcp"])),
    "bind and listen by TCP": tcp_bind,
    "connect to an abstract unix socket": lambda: say(socket.AF_UNIX, socket.SOCK_STREAM, "\0" + at["abstract"]),
    "signal a process": lambda: os.kill(at["victim"], signal.SIGUSR1),
    "signal a process by pidfd": pidfd_signal,
    "read a process's memory": victim_memory,
    "read a process's environment": lambda: read("/proc/%d/environ" % at["victim"]),
    "mount": mount_tmpfs,
    "mount in a user namespace of its own": user_namespace_mount,
    "change the root directory": lambda: os.chroot(at["granted"]),
    "set the host's name": host_name,
    "make a device": bind_device,
    "open a raw socket": raw_socket,
    "become another user": lambda: os.setuid(1),
    "raise its priority": lambda: os.setpriority(os.PRIO_PROCESS, 0, -5),
    "read a granted file that its mode forbids": lambda: read(os.path.join(at["granted"], "mode-000")),
    "send by UDP": lambda: say(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", at["udp"])),
    "connect to a unix socket by its path": lambda: say(socket.AF_UNIX, socket.SOCK_STREAM, outside("socket")),
    "ask whether a file exists": lambda: "size %d" % os.stat(outside("secret")).st_size,
    "read a link's text": lambda: os.readlink(outside("token-link")),
    "change a file's mode": lambda: os.chmod(outside("mode"), 0o640),
    "change a file's times": times,
    "start a process": lambda: "forked",
}

def tell(name, outcome):
    os.write(1, (json.dumps([name, outcome]) + "\n").encode())

def make(name):
    try:
        tell(name, "ok " + str(attempts[name]()))
    except OSError as error:
        tell(name, errno.errorcode.get(error.errno, str(error)))

for name in attempts:
    try:
        pid = os.fork()
    except OSError:
        # Where nothing may fork all are made here, one after the other.
        make(name) if name != "start a process" else tell(name, "EPERM")
        continue
    if pid == 0:
        make(name)
        os._exit(0)
    os.waitpid(pid, 0)
'''

VICTIM = r'''
import ctypes, os, signal, sys
for number in signal.SIGUSR1, signal.SIGUSR2:
    signal.signal(number, lambda got, frame: os.write(1, b"%d\n" % got))
secret = ctypes.create_string_buffer(sys.argv[1].encode())
os.write(1, b"%d\n" % ctypes.addressof(secret))
while True:
    signal.pause()
'''

# By the Landlock ABI that holds them; 0: no_new_privs and the missing capabilities hold them.
HELD = {
    "read a file": 1, "read it through an O_PATH directory": 1, "read it after chdir": 1, "read it by ..": 1,
    "read it by a link in a granted directory": 1, "list a directory": 1, "write a file": 1,
    "write a file of a granted directory": 1, "truncate a file": 3, "create a file": 1,
    "create a file without a name": 1, "make a directory": 1, "make a link": 1, "make a hard link": 1,
    "make a FIFO": 1, "make a socket": 1, "rename a file": 1, "remove a file": 1, "remove a directory": 1,
    "execute a program": 1, "connect by TCP": 4, "bind and listen by TCP": 4,
    "connect to an abstract unix socket": 6, "signal a process": 6, "signal a process by pidfd": 6,
    "connect to a unix socket by its path": 9, "send by UDP": 10,
    "read a process's memory": 1, "read a process's environment": 1,
    "mount": 0, "mount in a user namespace of its own": 1, "change the root directory": 0, "set the host's name": 0,
    "make a device": 0, "open a raw socket": 0, "become another user": 0, "raise its priority": 0,
    "read a granted file that its mode forbids": 0,
}
NOT_HELD = ["ask whether a file exists", "read a link's text", "change a file's mode", "change a file's times", "start a process"]
# What the two of them answer. Anything else would be some other failure.
REFUSALS = ("EACCES", "EPERM", "EXDEV", "ok failed", "timed out")
NEED_ROOT = [name for name, abi in HELD.items() if abi == 0]


class Listener:
    """A server outside the sandbox: it counts those who bring the token."""

    def __init__(self, family, kind, address, token):
        self.socket = socket.socket(family, kind)
        self.socket.bind(address)
        self.stream = kind == socket.SOCK_STREAM
        self.token, self.seen = token.encode(), 0
        if self.stream:
            self.socket.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                if not self.stream:
                    self.seen += self.socket.recv(100) == self.token
                    continue
                peer, _ = self.socket.accept()
                self.seen += peer.recv(100) == self.token
                peer.send(b"!")
                peer.close()
            except OSError:
                if self.socket.fileno() < 0:
                    return


class World:
    """Everything that an attempt could reach, new for each run."""

    def __init__(self):
        base = self.base = place()
        self.secret, self.token = "secret-" + secrets.token_hex(12), "token-" + secrets.token_hex(8)
        for name in ("outside/removed-directory", "granted"):
            os.makedirs(os.path.join(base, name))
        for name in ("outside/secret", "granted/mode-000"):
            put(base, name, self.secret)
        for name in ("outside/written", "outside/truncated", "outside/mode", "outside/times", "outside/linked",
                     "outside/renamed", "outside/removed", "granted/file"):
            put(base, name, "unchanged")
        put(base, "outside/program", f"#!/bin/sh\necho {self.token} executed\n")
        os.chmod(os.path.join(base, "outside/program"), 0o755)
        os.chmod(os.path.join(base, "granted/mode-000"), 0)
        os.symlink("../outside/secret", os.path.join(base, "granted/link"))
        os.symlink(self.token, os.path.join(base, "outside/token-link"))
        put(base, "granted/attempts.py", ATTEMPTS)
        inet = ("127.0.0.1", 0)
        self.listeners = {
            "connect by TCP": Listener(socket.AF_INET, socket.SOCK_STREAM, inet, self.token),
            "send by UDP": Listener(socket.AF_INET, socket.SOCK_DGRAM, inet, self.token),
            "connect to an abstract unix socket":
                Listener(socket.AF_UNIX, socket.SOCK_STREAM, "\0" + self.token, self.token),
            "connect to a unix socket by its path":
                Listener(socket.AF_UNIX, socket.SOCK_STREAM, os.path.join(base, "outside/socket"), self.token),
        }
        with socket.socket() as free:
            free.bind(inet)
            self.bind_port = free.getsockname()[1]
        self.victim = subprocess.Popen([PYTHON, "-c", VICTIM, self.secret], stdout=subprocess.PIPE,
                                       env={"SECRET": self.secret})
        self.address = int(self.victim.stdout.readline())
        self.before = self.tree()

    def places(self):
        port = {name: server.socket.getsockname()[1] for name, server in self.listeners.items()
                if server.socket.family == socket.AF_INET}
        return json.dumps({"outside": os.path.join(self.base, "outside"), "granted": os.path.join(self.base, "granted"),
                           "token": self.token, "abstract": self.token, "tcp": port["connect by TCP"],
                           "udp": port["send by UDP"], "bind_port": self.bind_port, "victim": self.victim.pid,
                           "address": self.address})

    def tree(self):
        """Name to what stat and the contents say of it."""
        found = {}
        for directory, names, files in os.walk(self.base):
            for name in names + files:
                path = os.path.join(directory, name)
                st = os.lstat(path)
                content = b""
                if stat.S_ISREG(st.st_mode) and st.st_mode & 0o777:
                    with open(path, "rb") as f:
                        content = f.read()
                found[os.path.relpath(path, self.base)] = (st.st_mode, st.st_nlink, st.st_mtime_ns, content)
        return found

    def watch_bind(self):
        """From outside: is somebody listening there who knows the token?"""
        self.bound = False
        self.running = True

        def look():
            while self.running and not self.bound:
                try:
                    with socket.create_connection(("127.0.0.1", self.bind_port), timeout=5) as peer:
                        self.bound = peer.recv(100) == self.token.encode()
                except OSError:
                    time.sleep(0.02)
        self.watcher = threading.Thread(target=look, daemon=True)
        self.watcher.start()

    def run(self, argv):
        self.watch_bind()
        done = subprocess.run(argv, cwd=os.path.join(self.base, "granted"), env=clean_env(), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60 * SAN, check=False)
        self.running = False
        self.watcher.join()
        time.sleep(0.1)
        self.error = done.stderr
        self.status = done.returncode
        self.lines = done.stdout.decode(errors="replace").splitlines()
        self.said = dict(json.loads(line) for line in self.lines if line.startswith("["))
        return self.won()

    def won(self):
        """The attempts that got something done, as far as can be seen from here."""
        after = self.tree()
        self.victim.kill()
        signals = self.victim.communicate()[0].split()
        won = {name for name, path in TRACES.items() if after.get(path) != self.before.get(path)}
        won |= {name for name, server in self.listeners.items() if server.seen}
        won |= {name for name, said in self.said.items() if self.secret in said or said == "ok " + self.token}
        won |= {"bind and listen by TCP"} if self.bound else set()
        won |= {"execute a program"} if f"{self.token} executed" in self.lines else set()
        won |= {"signal a process"} if b"%d" % signal.SIGUSR1 in signals else set()
        won |= {"signal a process by pidfd"} if b"%d" % signal.SIGUSR2 in signals else set()
        won |= {name for name in ITS_WORD if self.said.get(name, "").startswith("ok")}
        return won

    def close(self):
        for server in self.listeners.values():
            server.socket.close()


# What an attempt leaves behind.
TRACES = {
    "write a file": "outside/written", "write a file of a granted directory": "granted/file",
    "truncate a file": "outside/truncated", "create a file": "outside/made",
    "make a directory": "outside/made-directory", "make a link": "outside/made-link",
    "make a hard link": "outside/made-hard-link", "make a FIFO": "outside/made-fifo",
    "make a socket": "outside/made-socket", "rename a file": "outside/renamed", "remove a file": "outside/removed",
    "remove a directory": "outside/removed-directory", "make a device": "outside/device",
    "change a file's mode": "outside/mode", "change a file's times": "outside/times",
}
# What leaves no trace for others: the program's own word for it has to do.
ITS_WORD = ["list a directory", "create a file without a name", "mount", "mount in a user namespace of its own",
            "change the root directory", "set the host's name", "open a raw socket", "become another user",
            "raise its priority", "ask whether a file exists", "start a process"]


def attempt(argv, how):
    world, verdict = World(), os.path.join(place(), "verdict.json")
    if how == "sandboxed":
        argv = [*argv[:2], "--verdict", verdict, *warmth.options(PROCTOR, not_held, ["attempts.py"], [], clean_env(), {}), *argv[2:]]
        warmth.expect(None, verdict)
    won = world.run(argv + ["attempts.py", world.places(), how])
    warmth.note(None, verdict, b"")
    world.close()
    return world, won


def told(world, names):
    return {name: world.said.get(name) for name in sorted(names)}, world.status, world.error


def start_record(program):
    """What stood in a run of PROGRAM."""
    directory = place()
    log = os.path.join(directory, "log.jsonl")
    subprocess.run([program, "run", "-q", "-o", log, "--", put(directory, "empty.py", "")], env=clean_env(), check=True,
                   stderr=subprocess.DEVNULL)
    with open(log, encoding="utf-8") as lines:
        return json.loads(lines.readline())


if not os.path.exists(ALLOW_ALL):
    skip_all(f"{ALLOW_ALL} is not built: make check builds it")
abi = start_record(ALLOW_ALL)["host"].get("landlock") or 0
if not abi:
    skip_all("this kernel has no Landlock: there is no second wall to test")
print(f"Landlock ABI {abi}")

title("the test program and the real one")
with open(ALLOW_ALL, "rb") as program:
    check("the program that allows everything bears its mark", MARK in program.read())
with open(PROCTOR, "rb") as program:
    check("proctor does not", MARK not in program.read())

title("with no sandbox")
root = os.geteuid() == 0
world, won = attempt([PYTHON], "native")
wanted = set(HELD) | set(NOT_HELD)
if not root:
    skip(", ".join(NEED_ROOT), "only root could do it with no sandbox")
    wanted -= set(NEED_ROOT)
wanted -= {"mount in a user namespace of its own"} - won  # hosts forbid it as well
for name in sorted({"mount", "set the host's name"} & wanted - won):
    skip(name, "root may not do it here with no sandbox, as in a container")
    wanted.discard(name)
equal("every attempt wins", sorted(wanted - won), [])
able = won

title("behind the second wall alone")
world, won = attempt([ALLOW_ALL, "run", "-q", "--"], "sandboxed")
check("the program ran to its end", world.status == 0, world.error, world.lines)
check("every attempt was made", set(world.said) == set(HELD) | set(NOT_HELD), told(world, world.said))
for name in HELD:
    if name not in able:
        continue
    if HELD[name] > abi:
        skip(name, f"Landlock holds it from ABI {HELD[name]} on, this kernel has {abi}")
    else:
        check(f"it holds: {name}", name not in won and world.said.get(name) in REFUSALS, world.said.get(name))
for name in NOT_HELD:
    check(f"it does not hold: {name}", name in won, world.said.get(name))

title("behind the second wall alone, with addresses granted")
every = ["--connect", "127.0.0.1:*", "--connect", "[::1]:*", "--bind", "127.0.0.1:*", "--connect", "udp:127.0.0.1:*"]
world, granted = attempt([ALLOW_ALL, "run", "-q", *every, "--"], "sandboxed")
check("the program ran to its end", world.status == 0, world.error, world.lines)
for name in [n for n in HELD if n in able and HELD[n] <= abi and ("TCP" in n or "unix" in n or "UDP" in n)]:
    check(f"the program by itself reaches nobody all the same: {name}", name not in granted, world.said.get(name))

title("behind the second wall alone, a program with a policy of its own")
narrow = place()
for name in ("data", "kept"):
    put(narrow, name, name)
put(narrow, "cat.yaml", f"version: 1\nname: of-cat\nread: ['{narrow}/data']\n")
rules = f"version: 1\nextends: builtin:pure\nread: ['{narrow}/data', '{narrow}/kept']\nexec: [/bin/sh, {{path: /bin/cat, policy: cat.yaml}}]\n"
program = put(place(), "narrow.py", "import os, sys\nprint(open(sys.argv[1] + '/kept').read(), flush=True)\n"
              "os.system('read x <$0/kept; echo $x; cat $0/data $0/kept'.replace('$0', sys.argv[1]))\n")  # fmt: skip
done = subprocess.run([ALLOW_ALL, "run", "-q", "-p", put(narrow, "p.yaml", rules), "--", program, narrow], env=clean_env(), check=False, capture_output=True)
equal("it reads what its own policy grants, and its caller what the run's does", done.stdout, b"kept\nkept\ndata")

title("under proctor")
world, won = attempt([PROCTOR, "run", "-q", "--"], "sandboxed")
check("the program ran to its end", world.status == 0, world.error, world.lines)
check("every attempt was made", set(world.said) == set(HELD) | set(NOT_HELD), told(world, world.said))
equal("none wins", told(world, won)[0], {})
equal("nothing is left running", survivors(), [])
finish()
