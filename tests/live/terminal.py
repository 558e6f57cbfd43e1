#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A program that is started from a terminal may set it up as readline, getpass, curses and Python's own prompt do; it
types nothing into it, and its settings are put back at the end, however that comes. Elsewhere it may not."""

import os
import pty
import signal
import sys
import time

sys.dont_write_bytecode = True
import harness as h
from session import Session

RAW = "import sys, termios, tty, time\ntty.setraw(0)\nprint('raw', end='', flush=True)\n"


def put_back(session, what):
    h.check(f"{what}: the terminal is as it was", session.after == session.before, session.before, session.after)


def prompts():
    """Python's own prompt, of each version: it reads a line, answers it, and ends."""
    for version, python in h.interpreters():
        session = Session([python])
        h.check(f"{version}: it prompts", session.until(b">>> "), session.said)
        session.type(b"print(6 * 7)\r")
        h.check(f"{version}: it answers", session.until(b"42"), session.said)
        session.type(b"exit()\r")
        session.end()
        h.equal(f"{version}: it ends", session.status, 0)
        put_back(session, str(version))
        h.equal(f"{version}: nothing that it does to the terminal is refused",
                [r for r in session.refused() if r[0] == "ioctl" or "tty" in str(r)], [])


def programs():
    for name, code, typed, said in (
        ("getpass", "import getpass\nprint('got', getpass.getpass('secret: '))", b"hidden\r", b"got hidden"),
        ("readline", "import readline\nprint('got', input('line: '))", b"abc\x7fd\r", b"got abd"),
        ("curses", "import curses\ndef main(s):\n    s.addstr(1, 1, 'key:'); s.refresh(); return s.getch(), s.getmaxyx()\nprint('got', curses.wrapper(main))",
         b"x", b"got (120, (25, 90))"),
        ("tcflow, tcflush and tcdrain", "import termios\ntermios.tcdrain(1); termios.tcflush(0, termios.TCIFLUSH); termios.tcflow(1, termios.TCOON)\nprint('key:', flush=True); print('got', input())",
         b"y\r", b"got y"),
        ("the same size", "import fcntl, termios\ns = fcntl.ioctl(0, termios.TIOCGWINSZ, b' ' * 8)\nfcntl.ioctl(0, termios.TIOCSWINSZ, s)\nprint('key:', flush=True); print('got', input())",
         b"z\r", b"got z"),
    ):
        session = Session([h.PYTHON, "-c", code])
        session.until(b":")
        h.wait_for(lambda: b":" in session.said)
        time.sleep(0.3)
        session.type(typed)
        session.until(said)
        session.end()
        h.check(f"{name}: works", session.status == 0 and said in session.said, session.said[-800:], session.refused())
        h.check(f"{name}: what is typed at a prompt for a password is not shown", name != "getpass" or b"hidden" not in session.said.split(b"got ")[0], session.said)
        h.equal(f"{name}: nothing is refused", session.refused(), [])
        put_back(session, name)


def ends():
    for name, code, options, verdict in (
        ("an end", "", [], "OK"),
        ("an error", "1 // 0", [], "RE"),
        ("a kill", "import os; os.kill(os.getpid(), 9)", [], "SG"),
        ("a limit", "time.sleep(60)", ["--wall", "1s"], "TO"),
        ("a signal to proctor", "time.sleep(60)", [], "SG"),
    ):
        session = Session([h.PYTHON, "-c", RAW + code], *options)
        h.check(f"{name}: the terminal is raw", session.until(b"raw"), session.said)
        if name == "a signal to proctor":
            os.kill(session.pid, signal.SIGTERM)
        else:
            session.type(b"typed ahead")
        session.end()
        h.equal(f"{name}: the verdict", session.run.verdict.get("status"), verdict)
        put_back(session, name)
        h.equal(f"{name}: what was typed meanwhile is not for the next", session.waiting, 0)


def refusals():
    """Not for the program: typing, the size, the session, and all of it where it may not."""
    more = (
        "import fcntl, os, termios\ndef told(f, *a):\n    try: f(*a); return 'done'\n    except (OSError, termios.error) as e: return e.args[0]\n"
        "print('told', told(fcntl.ioctl, 0, termios.TIOCSTI, b'x'), told(fcntl.ioctl, 0, 0x541c, b'\\3'),\n"
        "  told(fcntl.ioctl, 0, termios.TIOCSWINSZ, b'\\1\\0\\2\\0\\0\\0\\0\\0'), told(fcntl.ioctl, 0, termios.TIOCSCTTY, 0),\n"
        "  told(os.tcsetpgrp, 0, os.getpid()), told(fcntl.ioctl, 0, termios.TIOCNOTTY), told(fcntl.ioctl, 0, termios.TIOCSETD, b'\\0\\0\\0\\0'),\n"
        "  told(fcntl.ioctl, 0, termios.TIOCCONS), told(fcntl.ioctl, 0, termios.TIOCEXCL), told(termios.tcsendbreak, 0, 0), told(fcntl.ioctl, 0, 0x5437))\n"
    )
    session = Session([h.PYTHON, "-c", more]).end()
    h.check("typing, another size, the session and the line stay refused", b"told " + b" ".join([b"13"] * 11) in session.said, session.said)
    put_back(session, "after that")
    yes = "import sys, termios\ns = termios.tcgetattr(0); s[3] &= ~termios.ECHO\ntry: termios.tcsetattr(0, 0, s); print('set')\nexcept termios.error as e: print('refused', e.args[0])\n"
    no = h.put(h.place(), "no.yaml", "version: 1\nname: no\nextends: builtin:pure\nterminal: no\n")
    allowed = h.put(h.place(), "yes.yaml", "version: 1\nname: yes\nextends: builtin:pure\nterminal: yes\n")
    for name, session, wanted in (
        ("terminal: no", Session([h.PYTHON, "-c", yes], "--policy", no), b"refused 13"),
        ("in the background", Session([h.PYTHON, "-c", yes], leader=False), b"refused 13"),
        ("terminal: yes", Session([h.PYTHON, "-c", yes], "--policy", allowed), b"set"),
        ("in the foreground", Session([h.PYTHON, "-c", yes]), b"set"),
    ):
        session.until(b"\n")
        session.end()
        h.check(f"{name}: {wanted.decode()}", wanted in session.said, session.said)
        put_back(session, name)
    master, slave = pty.openpty()
    run = h.proctor([h.PYTHON, "-c", yes], stdin=slave)
    h.equal("a terminal that is not the caller's own", run.out, b"refused 13\n")
    os.close(master), os.close(slave)
    run = h.finished([h.PROCTOR, "policy", "show", "--policy", allowed], None, None, b"", None, 30, {})
    h.check("policy show tells it", b"\nterminal: yes\n" in run.out, run)
    wrong = h.put(h.place(), "wrong.yaml", "version: 1\nextends: builtin:pure\nterminal: maybe\n")
    run = h.finished([h.PROCTOR, "policy", "check", wrong], None, None, b"", None, 30, {})
    h.check("anything else is an error", run.status == 65 and b":3:11: terminal must be yes or no" in run.err, run)


why = h.no_terminal()
if why:
    h.skip_all(why)
prompts()
programs()
ends()
refusals()
h.finish()
