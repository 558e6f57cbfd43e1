#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`policy test POLICY LOG` with the policy that a run had changes nothing: what the supervisor decided
at a stop and what is decided from its record are the same. Each interpreter, by its name and by a link
of a virtual environment; a program that asks for something under every kind of rule."""

import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
import harness as h

PROGRAM = r"""
import ctypes, decimal, json, os, socket, sqlite3, sys, threading
def tried(f, *a):
    try: return f(*a)
    except OSError: pass
print(os.path.realpath(os.readlink('/proc/self/exe')) == os.path.realpath(sys.executable))
for path in ('granted', 'link', 'away', 'hidden', 'hidden/x', 'no/such', 'dir/../granted', '/', '/etc/passwd',
             '/etc/shadow', '/proc/self/mem', '/proc/1/maps', '/dev/fd/0', '/dev/null', '/proc/self/fd/1',
             '/proc/self/maps', '/proc/cpuinfo', '.', 'dir', os.fsencode('granted') + b'\xff'):
    for f in os.stat, os.lstat, os.readlink, os.listdir, open, os.unlink, os.mkdir, lambda p: os.open(p, 1):
        tried(f, path)
tried(os.rename, 'granted', 'other')
tried(os.link, 'granted', 'other')
tried(os.symlink, 'granted', 'other')
tried(os.chdir, 'dir')
tried(os.fork)
tried(os.execv, '/bin/true', ['true'])
tried(socket.socket)
t = threading.Thread(target=tried, args=(os.stat, '../granted')); t.start(); t.join()
"""
POLICY = """\
version: 1
extends: builtin:pure
read: ["%{submission}/**"]
hide: ["%{submission}/hidden", "%{submission}/hidden/**"]
never: [/etc/shadow]
"""


def same(name, python, box, policy):
    run = h.proctor([python, f"{box}/s.py"], "-p", policy, "--calls", "all", cwd=box)
    h.check(f"{name}: the program runs", run.status == 0 and run.out == b"True\n", run)
    told = subprocess.run(
        [h.PROCTOR, "policy", "test", policy, run.log_path], cwd=box, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    counted = re.search(rb"^0 of (\d+) calls would be decided otherwise; (\d+) do not", told.stdout, re.M)
    h.check(f"{name}: nothing would be decided otherwise", told.returncode == 0 and counted, told.stdout.decode())
    if counted:
        h.check(
            f"{name}: most calls with a path were decided",
            int(counted[1]) - int(counted[2]) > len([r for r in run.calls() if r.get("file")]) * 0.8,
            told.stdout,
        )
    changed = subprocess.run(
        [h.PROCTOR, "policy", "test", "builtin:python", run.log_path], cwd=box, stdout=subprocess.PIPE
    )
    h.check(
        f"{name}: without the submission's grant, what it read would be refused",
        changed.returncode == 1 and b"allow -> deny" in changed.stdout and b"/granted" in changed.stdout,
        changed.stdout.decode(),
    )


def main():
    box = h.place()
    h.put(box, "s.py", PROGRAM)
    h.put(box, "granted", "x")
    h.put(box, "hidden/x", "x")
    h.put(box, "dir/x", "x")
    os.symlink("granted", f"{box}/link")
    os.symlink("/etc/passwd", f"{box}/away")
    policy = h.put(box, "p.yaml", POLICY)
    for version, python in h.interpreters():
        name = ".".join(map(str, version[:2]))
        same(f"{name} {'system' if python == h.SYSTEM_PYTHON else 'pyenv'}", python, box, policy)
    venv = f"{h.place()}/venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    same("a virtual environment", f"{venv}/bin/python", box, policy)
    h.finish()


main()
