#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is mounted inside a grant: files of a disk are a part of it, the kernel's own file systems are not."""

import ctypes
import os
import sys

sys.dont_write_bytecode = True
import harness as h

NEWNS, NEWUSER, BIND, REC, PRIVATE = 0x20000, 0x10000000, 0x1000, 0x4000, 0x40000


def mount(source, target, kind=None, flags=0):
    if h.libc.mount(source.encode(), target.encode(), kind and kind.encode(), ctypes.c_ulong(flags), None):
        raise OSError(ctypes.get_errno(), f"mount {source}")


def private_mounts():
    """Whether this process has mounts of its own now, that nobody else sees."""
    uid, gid = os.geteuid(), os.getegid()
    if h.libc.unshare(NEWNS) and h.libc.unshare(NEWNS | NEWUSER):
        return False
    if uid:
        for name, text in ("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1"):
            with open(f"/proc/self/{name}", "w") as out:
                out.write(text)
    try:
        mount("none", "/", None, REC | PRIVATE)
    except OSError:
        return False
    return True


if not private_mounts():
    h.skip_all("no mounts can be made here")

box, other = h.place(), h.place()
h.put(other, "inside/file.txt", "elsewhere\n")
h.put(other, "one.txt", "one file\n")
for name in "proc", "sys", "disk", "deep/er/proc":
    os.makedirs(f"{box}/{name}")
h.put(box, "one.txt", "beneath\n")
h.put(box, "plain/file.txt", "plain\n")
for source, target in ("/proc", "proc"), ("/sys", "sys"), ("/proc", "deep/er/proc"), (other, "disk"):
    mount(source, f"{box}/{target}", None, BIND | REC)
mount(f"{other}/one.txt", f"{box}/one.txt", None, BIND)
os.symlink("proc/self/status", f"{box}/link")
os.symlink("disk/inside/file.txt", f"{box}/good_link")

LOOK = r"""
import errno, os, sys
def no(what, f, *args):
    try: print(what, 'yes', f(*args))
    except OSError as e: print(what, errno.errorcode[e.errno])
def read(path):
    with open(path) as f: return f.readline()
other = os.environ['OTHER']
for tree in 'proc', 'deep/er/proc', os.getcwd() + '/proc', 'disk/../proc', 'proc/../proc':
    for name in '', '/', '/1', '/1/status', '/%s/status' % other, '/999999999', '/self', '/self/status', '/self/../1/status', '/meminfo', '/sys/kernel/pid_max', '/nothing':
        no('stat', os.stat, tree + name)
        no('read', read, tree + name)
        no('list', os.listdir, tree + name)
        no('link', os.readlink, tree + name)
        no('access', lambda p: os.access(p, os.R_OK) or 1 / 0 if os.access(p, os.R_OK) else open(p), tree + name)
for path in 'sys', 'sys/kernel', 'sys/kernel/mm', 'link', 'proc/../sys/kernel':
    no('stat', os.stat, path); no('list', os.listdir, path)
no('chdir', os.chdir, 'proc')
fd = os.open('.', os.O_RDONLY)
no('openat', lambda: os.open('proc/1/status', os.O_RDONLY, dir_fd=fd))
no('openat', lambda: os.open('proc', os.O_PATH, dir_fd=fd))
"""

GOOD = r"""
import os
print(open('disk/inside/file.txt').read(), open('one.txt').read(), open('plain/file.txt').read(), open('good_link').read())
print(sorted(os.listdir('.')), sorted(os.listdir('disk')), os.stat('disk/inside/file.txt').st_size, os.path.realpath('good_link')[-20:])
for path in 'disk/nothing', 'plain/nothing', 'disk/inside/file.txt/x', 'nothing':
    try: open(path)
    except OSError as e: print(e.strerror)
os.chdir('disk/inside'); print(open('file.txt').read(), open('../../plain/file.txt').read(), open('../one.txt').read())
fd = os.open('..', os.O_RDONLY); print(os.open('inside/file.txt', os.O_RDONLY, dir_fd=fd) > 2)
print(open('/proc/meminfo').readline()[:9])
"""

run = h.proctor([h.PYTHON, h.put(box, "look.py", LOOK)], "-r", box, "--env", f"OTHER={os.getppid()}", cwd=box)
told = set(run.out.decode().split("\n")) - {""}
h.check(
    "nothing of procfs and sysfs is told inside a grant, by result or by errno",
    run.status == 0 and {line.split()[-1] for line in told} == {"EACCES"},
    sorted(line for line in told if not line.endswith("EACCES")),
    run.err,
)
h.check(
    "each is recorded as refused",
    len(run.refused()) > 200 and all(r["decision"]["action"] == "deny" for r in run.refused()),
    len(run.refused()),
)
script = h.put(box, "good.py", GOOD)
bare = h.native([h.PYTHON, script], cwd=box)
run = h.proctor([h.PYTHON, script], "-r", box, "-r", "/proc/meminfo", cwd=box)
h.check("what is mounted otherwise is a part of the grant", (run.status, run.out) == (0, bare.out), bare, run)
run = h.proctor([h.PYTHON, h.put(other, "look.py", LOOK)], "-r", box + "/proc", "--env", "OTHER=1", cwd=box)
h.check("and a rule for the place itself grants nothing", b"EACCES" in run.out and b" yes " not in run.out, run)
h.finish()
