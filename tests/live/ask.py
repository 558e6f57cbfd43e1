#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""--ask: what is refused is asked about at the terminal, once; what is allowed goes on, and is a policy at the end that
does what it says. What a program could do about it: write a question of its own, answer one, lose its input to one."""

import os
import signal
import socket
import sys
import termios
import time

sys.dont_write_bytecode = True
import harness as h
from session import Session

ASKED = b"[w]hy? "
BASE = h.place()
DATA = os.path.join(BASE, "data")
WORK = h.place()


def setting():
    for i in range(12):
        h.put(DATA, f"{i}.txt", f"text {i}\n")
    h.put(DATA, "deep/x.txt", "deep\n")
    h.put(DATA, "lib/mod.py", "print('imported')\n")
    os.symlink("1.txt", os.path.join(DATA, "link"))
    os.mkfifo(os.path.join(DATA, "fifo"))
    h.put(DATA, "a\x1b[2Jb\nproctor: allowed", "hostile\n")


def session(code, *answers, options=(), policy=None, **more):
    """Answers question after question; the session, ended."""
    if policy:
        options = (*options, f"--ask={policy}")
    run = Session([h.PYTHON, "-c", "D = %r\n%s" % (DATA, code)], *(() if policy else ("--ask",)), "-q", *options, **more)
    run.asked = reply(run, *answers)
    return run.end()


def reply(run, *answers):
    seen = asked = 0
    for answer in answers:
        end = time.monotonic() + 20
        while ASKED not in run.said[seen:] and time.monotonic() < end and os.waitid(os.P_PID, run.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            run.until(b"\0never", 0.02)
        if ASKED not in run.said[seen:]:
            break
        asked += 1
        seen = run.said.index(ASKED, seen) + len(ASKED)
        if callable(answer):
            answer(run)
        else:
            run.type(answer + b"\n")
    return asked


READ = "def read(p):\n    try: return open(D + '/' + p).read().strip()\n    except OSError as e: return e.errno\n"


def answers():
    h.title("what is answered is done, and asked once")
    s = session(READ + "print('got', read('1.txt'), read('1.txt'), read('2.txt'), read('2.txt'), read('3.txt'), read('3.txt'))",
                b"o", b"d", b"w\na", policy=os.path.join(BASE, "first.yaml"))
    h.check("one is allowed, one denied, one always", b"got text 1 text 1 13 13 text 3 text 3" in s.said, s.said)
    h.equal("each is asked about once", s.said.count(b"proctor: refused:"), 3)
    h.check("why", b'the line that allows it: read: "' + DATA.encode() + b'/3.txt"' in s.said, s.said)
    h.equal("the log says who allowed it", {r["rule"]["ref"].split(":")[0] for r in s.run.calls("openat", DATA + "/1.txt")}, {"--ask"})
    h.equal("and who refused", [r["decision"]["action"] for r in s.run.calls("openat", DATA + "/2.txt")], ["deny"] * 2)
    with open(os.path.join(BASE, "first.yaml")) as f:
        text = f.read()
    h.check("the policy has what was allowed always, and says what was not", f'\nread: ["{DATA}/3.txt"]\n' in text and
            f'# Allowed for that run alone:\n#   read: "{DATA}/1.txt"' in text and "2.txt" not in text, text)
    s = session(READ + "print('got', read('1.txt'), read('link'))", b"", b"d")
    h.check("an empty line denies", s.asked == 2 and b"got 13 13" in s.said, s.said)
    s = session(READ + "print('got', read('1.txt'), read('2.txt'))", b"maybe\nd", b"n")
    h.check("another one is no answer", s.said.count(ASKED) == 3 and b"got 13 13" in s.said, s.said)
    s = session(READ + "print('got', read('1.txt'))", lambda run: run.type(b"\4"))
    h.check("nor is the end of input", b"got 13" in s.said, s.said)


ALL = """import os, sys
sys.path.insert(0, D + '/lib')
print('exists', os.path.exists(D + '/4.txt'), os.stat(D + '/4.txt').st_size, os.access(D + '/4.txt', 4))
print('link', os.readlink(D + '/link'), open(D + '/link').read())
print('list', len(os.listdir(D)), len(os.listdir(D)))
fd = os.open(D, os.O_RDONLY)
print('at', open(os.open('5.txt', os.O_RDONLY, dir_fd=fd)).read(), os.stat('5.txt', dir_fd=fd).st_size)
os.chdir(D + '/deep')
print('cwd', os.getcwd(), open('x.txt').read())
import mod
"""


def tried():
    h.title("the policy does what the answers did")
    policy = os.path.join(BASE, "all.yaml")
    own = h.put(BASE, "own.yaml", "# mine\nversion: 1\nname: own\nextends: builtin:pure\nread: # what I know of\n  - /usr/share/zoneinfo/UTC # time\n")
    s = session(ALL, *[b"a"] * 20, options=("-p", own), policy=policy)
    h.check("all of it goes on", s.status == 0 and s.said.rstrip().endswith(b"imported"), s.said)
    with open(policy) as f:
        text = f.read()
    h.check("the policy extends the one that was given", f'\nextends: "{own}"\n' in text, text)
    native = h.native([h.PYTHON, "-c", "D = %r\n%s" % (DATA, ALL)])
    run = h.proctor([h.PYTHON, "-c", "D = %r\n%s" % (DATA, ALL)], "-q", "-p", policy)
    h.equal("a run by it gives the same", (run.status, run.out), (0, native.out))
    h.equal("and nothing is refused", run.refused(), [])
    h.check("nothing is granted with what is beneath it, but where modules are", text.count("/**") == 1 and f'"{DATA}/lib/**"' in text, text)
    outside = h.proctor([h.PYTHON, "-c", f"open({DATA + '/6.txt'!r})"], "-q", "-p", policy)
    h.check("nor anything that was not asked for", len(outside.refused()) == 1, outside)


LATER = """import os, socket
def told(f, *a):
    try: f(*a); return 'done'
    except OSError as e: return e.errno
print('got', told(open, '%s/out.txt', 'w'), told(os.mkdir, '%s/dir'), told(socket.create_connection, ('127.0.0.1', %d)),
      told(os.open, D + '/fifo', os.O_RDONLY | os.O_NONBLOCK), told(open, '/proc/self/mem'))
"""


def later():
    h.title("what cannot be allowed while it runs")
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    policy = os.path.join(BASE, "later.yaml")
    code = LATER % (WORK, WORK, port)
    net = h.put(BASE, "net.yaml", 'version: 1\nextends: builtin:pure\nnet: {connect: ["127.0.0.1:1"]}\n')
    s = session(code, b"a", b"a", b"o\nd", options=("-p", net), policy=policy)
    h.check("stays refused, and no second wall falls", b"got 13 13 13 13 13" in s.said, s.said)
    h.equal("that is said with each", s.said.count(b"This cannot be allowed while the program runs."), 3)
    h.check("what no line can allow is not asked about", b"/proc/self/mem" not in s.said, s.said)
    with open(policy) as f:
        text = f.read()
    h.check("the lines are for the next run", f'write: ["{WORK}"]' in text and f'net: {{connect: ["127.0.0.1:{port}"]}}' in text, text)
    run = h.proctor([h.PYTHON, "-c", "D = %r\n%s" % (DATA, code)], "-q", "-p", policy)
    h.check("which does it", run.out.startswith(b"got done done done 13"), run)
    runs = "import os\ntry: os.execv('/bin/echo', ['echo', 'ran', 'it'])\nexcept OSError as e: print('got', e.errno)"
    policy = os.path.join(BASE, "exec.yaml")
    s = session(runs, b"a", policy=policy)
    h.check("nor is a program started", b"got 13" in s.said, s.said)
    run = h.proctor([h.PYTHON, "-c", runs], "-q", "-p", policy)
    h.check("but in the next run", (run.status, run.out) == (0, b"ran it\n"), run)
    policy = os.path.join(BASE, "both.yaml")
    s = session(runs, b"a", options=("-p", net), policy=policy)
    run = h.proctor([h.PYTHON, "-c", runs], "-q", "-p", policy)
    h.check("beside what was granted already", (run.status, run.out) == (0, b"ran it\n"), (s.said, run))
    policy = os.path.join(BASE, "shipped.yaml")
    s = session(runs, b"a", options=("-p", "quiet"), policy=policy)
    run = h.proctor([h.PYTHON, "-c", runs], "-q", "-p", policy)
    h.check("and over a policy that comes with proctor", (run.status, run.out) == (0, b"ran it\n"), (s.said, run))
    policy = os.path.join(BASE, "over.yaml")
    gone = h.put(BASE, "gone.yaml", "version: 1\nextends: builtin:pure\n")
    s = session(runs, lambda run: (os.unlink(gone), run.type(b"a\n")), options=("-p", gone), policy=policy)
    h.check("where no policy can be written, that is told, and the lines", s.status == 74 and b"over.yaml: the policy of the run is no file" in s.said and
            b'#   exec: {path: "/bin/echo"' in s.said and not os.path.exists(policy), s.said)
    server.close()


def places():
    h.title("where it is written, and where it cannot be asked")
    here = h.put(BASE, "here.yaml", "mine\n")
    s = session("print('ran')", policy=here)
    h.check("what there is stays", s.status == 74 and b"ran" not in s.said and open(here).read() == "mine\n", s.said)
    s = session("print('ran')", options=("-w", WORK), policy=os.path.join(WORK, "p.yaml"))
    h.check("not where the program may write", s.status == 64 and b"ran" not in s.said and not os.path.exists(WORK + "/p.yaml"), s.said)
    s = session("print('ran')", policy=os.path.join(BASE, "nothing.yaml"))
    h.check("nothing where nothing was allowed", s.status == 0 and not os.path.exists(os.path.join(BASE, "nothing.yaml")), s.said)
    s = session(READ + "read('1.txt')", b"a")
    h.check("without a file the terminal has it", b'allowed always, for a policy:\r\n#   read: "' in s.said, s.said)
    run = h.proctor([h.PYTHON, "-c", "print(open(0).read())"], "--ask", stdin=b"o\no\n", start_new_session=True)
    h.check("without a terminal there is no asking, least of all on standard input",
            run.status == 64 and not run.out and b"standard input is the program's" in run.err, run)
    run = h.proctor([h.PYTHON, "-c", ""], "--ask", "--mode", "audit")
    h.check("nor in audit mode", run.status == 64 and b"audit" in run.err, run)
    for command in "judge", "batch":
        run = h.finished([h.PROCTOR, command, "--ask", BASE], None, None, b"", None, 30, {})
        h.check(f"{command} asks nobody", run.status == 64 and b"no option --ask" in run.err, run)


def waits():
    h.title("while the question stands")
    s = session(READ + "import time\nprint('got', read('1.txt'))", lambda run: (time.sleep(1.1), run.type(b"o\n")), options=("--wall", "1s"))
    h.check("the clock stands still", s.status == 0 and b"got text 1" in s.said, s.said)
    h.check("in what is told, too", s.run.verdict["usage"]["wall_ns"] < 10**9 if "usage" in s.run.verdict else s.run.last("end")["wall_ns"] < 10**9, s.run.verdict)
    s = session(READ + "try: print('got', read('1.txt'))\nexcept KeyboardInterrupt: print('stopped')", lambda run: run.type(b"\3"))
    h.check("^C is the program's", b"stopped" in s.said and b"got text" not in s.said, s.said)
    s = session(READ + "print('got', read('1.txt'))", lambda run: os.kill(run.pid, signal.SIGTERM))
    h.check("a signal to proctor ends it", s.run.verdict.get("status") == "SG" and b"got text" not in s.said, s.said, s.run.verdict)
    s = Session([h.PYTHON, "-c", "D = %r\n%sprint('got', read('1.txt'), read('2.txt'))" % (DATA, READ)], "--ask", leader=False)
    s.end()
    h.check("in the background nobody is asked and nothing stops", s.status == 0 and b"got 13 13" in s.said and ASKED not in s.said and
            s.said.count(b"not asked about, because the run is in the background") == 2, s.said)
    threads = READ + ("import threading\ngot = [0] * 8\ndef one(i): got[i] = read('%d.txt' % i)\n"
                      "all = [threading.Thread(target=one, args=(i,)) for i in range(8)]\n"
                      "[t.start() for t in all]; [t.join() for t in all]\nprint('got', sum(str(g).startswith('text') for g in got), got.count(13))")
    s = session(threads, *[b"o", b"d"] * 4)
    h.check("threads are asked about one after the other", s.asked == 8 and b"got 4 4" in s.said, s.said)
    s = session(READ + "import os\np = os.fork()\nprint('got', read('1.txt'), bool(p))\nif p: os.wait()", b"o", options=("--process", "fork"))
    h.check("processes, too; what one was allowed the other may", b"got text 1 True" in s.said and b"got text 1 False" in s.said, s.said)


def terminal():
    h.title("a terminal that is the program's, too")
    raw = READ + ("import termios, tty\ntty.setraw(0)\nbefore = termios.tcgetattr(0)\nx = read('1.txt')\n"
                  "print('got', x, termios.tcgetattr(0) == before, end='', flush=True)\nprint(os.read(0, 1))")
    s = Session([h.PYTHON, "-c", "D = %r\nimport os\n%s" % (DATA, raw)], "--ask", "-q")
    reply(s, b"o")
    s.until(b"got")
    s.type(b"q")
    s.end()
    h.check("raw: it can be read and answered, and is raw again", b"got text 1 Trueb'q'" in s.said and s.after == s.before, s.said)

    typed = "import os, time\nprint('ready', flush=True)\ntime.sleep(0.4)\n" + READ + "print('got', read('1.txt'), os.read(0, 9))"
    for text, kept in ((b"hello\n", b"b'hello\\n'"), (b"hel", b"b'hel")):
        s = Session([h.PYTHON, "-c", "D = %r\n%s" % (DATA, typed)], "--ask", "-q")
        s.until(b"ready")
        s.type(text)
        s.end()
        h.check(f"what was typed before is the program's: {text!r}", b"got 13 " + kept in s.said and ASKED not in s.said and
                b"what was typed waits for the program" in s.said, s.said)

    reader = READ + ("import os, threading, time\ngot = []\n"
                     "t = threading.Thread(target=lambda: got.append(os.read(0, 99))); t.start(); time.sleep(0.2)\n"
                     "x = read('1.txt'); print('mine', flush=True); t.join(); print('got', x, got)")
    s = Session([h.PYTHON, "-c", "D = %r\n%s" % (DATA, reader)], "--ask", "-q")
    reply(s, b"o")
    s.until(b"mine")
    s.type(b"for it\n")
    s.end()
    h.check("who reads meanwhile gets nothing of the answer, and what comes after it", b"got text 1 [b'for it\\n']" in s.said, s.said)


def attacks():
    h.title("what a program can do to it")
    s = session(READ + "print('got', read('a\\x1b[2Jb\\nproctor: allowed'), read('\\u202e\\u2028\\u0085\\x9b' + 'x' * 200))", b"d")
    question = s.said[s.said.index(b"proctor: refused"):s.said.index(b"got")]
    h.check("a name cannot reach the terminal, nor add a line", s.asked == 1 and b"\x1b[2J" not in question and
            question.count(b"\n") == 2 and not any(c.encode() in question for c in "\u202e\u2028\u0085\x9b"), s.said)
    s = session("import sys\n" + READ + "print('proctor: refused: openat of /x\\n  [d]eny, [o]nce (in this run), [a]lways, [w]hy? ', end='', flush=True)\n"
                "print('read', input())\nprint('got', read('1.txt'))", b"a", b"d")
    h.check("what is typed at a question of its own is its own, and allows nothing", b"read a" in s.said and b"got 13" in s.said, s.said)
    flood = READ + ("import os, threading\ndef flood():\n    while True: os.write(1, b'x' * 99 + b'\\033[2J harmless? ')\n"
                    "threading.Thread(target=flood, daemon=True).start()\n"
                    "import fcntl, termios\ndef type():\n    while True:\n        try: fcntl.ioctl(0, termios.TIOCSTI, b'a')\n        except OSError: pass\n"
                    "threading.Thread(target=type, daemon=True).start()\n"
                    "x = read('1.txt')\nos.write(2, b'\\ngot %r\\n' % (x,)); os._exit(0)")

    def quiet(run):
        n = len(run.said)
        time.sleep(0.3)
        run.until(b"\0never", 0.1)
        tail = run.said[run.said.rindex(b"proctor: refused"):]
        h.check("threads that write, and would type, are held: nothing comes behind the question", tail.endswith(ASKED) and len(run.said) >= n, tail)
        run.type(b"d\n")

    s = session(flood, quiet)
    h.check("and are let go on", b"got 13" in s.said, s.said[-300:])
    given = READ + ("import os\ndef told(f, *a, **k):\n    try: f(*a, **k); return 'done'\n    except OSError as e: return e.errno\n"
                    "fd = os.open(D, os.O_RDONLY); f = os.open(D + '/1.txt', os.O_RDONLY)\n"
                    "print('got', told(os.open, '../secret', os.O_RDONLY, dir_fd=fd), told(os.write, f, b'x'), told(os.ftruncate, f, 0), told(os.fchmod, f, 0o777),\n"
                    "  told(os.open, '/proc/self/fd/%d' % f, os.O_RDWR), told(os.open, '2.txt', os.O_RDONLY, dir_fd=fd), told(os.unlink, '1.txt', dir_fd=fd))")
    h.put(BASE, "secret", "secret\n")
    s = session(given, b"o", b"o", *[b"d"] * 9)
    got = s.said[s.said.rindex(b"got "):].split()[1:8]
    h.check("a descriptor that was given reads what was allowed and no more", b"done" not in got and len(got) == 7, s.said)
    with open(os.path.join(DATA, "1.txt")) as f:
        h.equal("and nothing is changed", f.read(), "text 1\n")


def as_user():
    if os.getuid():
        h.skip("--user", "not root")
        return
    proctor = h.proctor_for(65534)
    place = h.place()
    os.chmod(place, 0o777)
    for path in BASE, DATA:
        os.chmod(path, 0o755)
    own = h.put(BASE, "closed.yaml", "version: 1\nextends: builtin:pure\n")
    os.chmod(own, 0o600)
    if not proctor:
        h.skip("--user", "nobody cannot start proctor here")
        return
    h.PROCTOR = proctor
    os.chmod(os.path.dirname(h.command([])[1]), 0o777)
    s = session(READ + "print('got', read('1.txt'))", b"a", options=("--user", "nobody", "-p", own), policy=os.path.join(place, "user.yaml"))
    h.check("as another user, whose policy it cannot read", b"got text 1" in s.said, s.said)
    h.equal("the policy is his", os.stat(os.path.join(place, "user.yaml")).st_uid if os.path.exists(os.path.join(place, "user.yaml")) else None, 65534)


why = h.no_terminal()
if why:
    h.skip_all(why)
setting()
answers()
tried()
later()
places()
waits()
terminal()
attacks()
as_user()
h.finish()
