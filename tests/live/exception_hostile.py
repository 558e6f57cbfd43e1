#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An exception that the program forged, and a cache that somebody else did, mislead at most who reads the verdict.

SEEDS: how many exceptions with random words in them.
"""

import concurrent.futures
import os
import stat
import sys

sys.dont_write_bytecode = True
import harness as h

SEEDS = int(os.environ.get("SEEDS", "40"))

# Words over the exception, its class and what both hold; then it is raised.
FORGE = """
import ctypes, random, sys
random.seed({seed})
class E(ValueError):
    member = 1
def deep(n):
    if n: deep(n - 1)
    raise E('text', 5, (1, 'a'))
try: deep(5)
except E as error: e = error
note = ['a note', 'another']
e.__dict__['__notes__'] = note
e.__cause__ = KeyError('cause')
e.__cause__.__context__ = OSError(2, 'gone', 'file')
tb = e.__traceback__
code = deep.__code__
things = [e, e.args, e.args[0], tb, tb.tb_next, E, E.__mro__, E.__dict__, note, note[0], e.__dict__, e.__cause__, code,
          code.co_filename, e.args[2]]
if sys.version_info >= (3, 11):
    things.append(ExceptionGroup('g', [ValueError(1)]))
    if random.random() < .3:
        e = things[-1]
        things.append(e.exceptions)
words = [0, 1, 2**63 - 1, 2**64 - 1, 0x4141414141414141, 8, 2**47 - 8, 2**40, 2**31, id(None), id(KeyError)] + [id(t) for t in things]
for i in range(random.choice((1, 1, 2, 3, 6))):
    thing = random.choice(things)
    # Not the count of its holders, which the program itself would trip over.
    at = 8 * random.randrange(1, 60 if isinstance(thing, type) else 12)
    ctypes.c_uint64.from_address(id(thing) + at).value = random.choice(words)
raise e
"""

MADE = {
    "a traceback that is its own next": "e = ValueError('x')\ntry: raise e\nexcept ValueError: pass\n"
    "ctypes.c_uint64.from_address(id(e.__traceback__) + 16).value = id(e.__traceback__)\nraise e\n",
    "arguments without number": "e = ValueError(1, 2)\nctypes.c_uint64.from_address(id(e.args) + 16).value = 2**60\nraise e\n",
    "a text without end": "s = 'abc' * 100\ne = ValueError(s)\nctypes.c_uint64.from_address(id(s) + 16).value = 2**39\nraise e\n",
    "a cause that is no exception": "e = ValueError('x')\nctypes.c_uint64.from_address(id(e) + CAUSE).value = id(e.args)\nraise e\n",
    "notes that another thread changes": "import threading\ne = ValueError('x')\ne.__dict__['__notes__'] = n = []\n"
    "def f():\n    while True: n.append('y' * 99); n.clear(); e.args = ('a', [n])\nthreading.Thread(target=f, daemon=True).start()\nraise e\n",
    "arguments that contain themselves a million times": "l = []\nfor i in range(60): l.append(l)\ne = ValueError(l, l, l)\nraise e\n",
    "a name of a million characters and a dict of as many keys": "E = type('N' * 10**6, (Exception,), {})\ne = E('x')\n"
    "for i in range(10**6): e.__dict__[i] = i\nraise e\n",
    "a hundred thousand frames": "sys.setrecursionlimit(10**6)\nthreading = __import__('threading')\n"
    "def f(n):\n    if n: f(n - 1)\n    raise ValueError('deep')\ntry: f(60000)\nexcept RecursionError: raise ValueError\n",
    "a signal handler of its own for SIGTRAP, and a storm of them": "import signal, os\ncount = 0\n"
    "def t(*a):\n    global count\n    count += 1\nsignal.signal(signal.SIGTRAP, t)\n"
    "for i in range(500):\n    os.kill(os.getpid(), signal.SIGTRAP)\n    try: sys.exit(i)\n    except SystemExit: pass\n"
    "sys.exit(7 if count == 500 else 8)\n",
    "a loop of sys.exit()": "for i in range(3000):\n    try: sys.exit(i)\n    except SystemExit: pass\nsys.exit(7)\n",
    "a loop of PyErr_Print()": "sys.stderr = open('/dev/null', 'w')\nfor i in range(2000): ctypes.pythonapi.PyRun_SimpleString(b'1/int()')\nsys.exit(7)\n",
}
ENDS = {
    "a signal handler of its own for SIGTRAP, and a storm of them": 7,
    "a loop of sys.exit()": 7,
    "a loop of PyErr_Print()": 7,
}


def run(program, python, directory, name, cache=None):
    script = h.put(directory, name + ".py", program)
    verdict = os.path.join(directory, name + ".json")
    env = h.clean_env(XDG_CACHE_HOME=cache) if cache else None
    return h.proctor([python, script], "-q", "--no-pin", "-r", directory, "--wall", "10s", "--memory", "1GiB", log=False, verdict=verdict, env=env, cwd=directory)


def is_whole(done):
    """The run was judged, and its verdict says what it says within bounds."""
    return done.verdict.get("status") not in (None, "XX") and len(str(done.verdict)) < 200000


def forged(python, directory):
    h.title(f"exceptions that are forged, {python}")
    with concurrent.futures.ThreadPoolExecutor((os.cpu_count() or 1) + 1) as pool:
        done = list(pool.map(lambda seed: run(FORGE.format(seed=seed), python, directory, f"seed-{seed}"), range(SEEDS)))
    bad = [seed for seed, one in enumerate(done) if not is_whole(one)]
    told = sum(bool(one.verdict.get("cause", {}).get("exception")) for one in done)
    h.check(f"{SEEDS} with wild words in them are survived ({told} of them told)", not bad, *[f"seed {s}: {done[s]!r}" for s in bad[:3]])
    cause = 48 if h.sys_version(python)[:2] < (3, 11) else 56
    for number, (what, program) in enumerate(MADE.items()):
        one = run("import ctypes, sys\nCAUSE = %d\n" % cause + program, python, directory, f"made-{number}")
        wanted = ENDS.get(what)
        h.check(what, is_whole(one) and (wanted is None or one.verdict["exit"]["code"] == wanted), one)


def cache_file(cache):
    (name,) = [n for n in os.listdir(cache + "/proctor") if n.startswith("probe-")]
    return f"{cache}/proctor/{name}"


def with_cache(python, directory):
    h.title(f"a cache that is forged, {python}")
    cache = directory + "/cache"

    def tell(what, told=True):
        done = run("{}['k']\n", python, directory, "cached", cache)
        got = done.verdict.get("cause", {}).get("exception", {})
        h.check(what, done.status == 1 and is_whole(done) and (got.get("type") == "KeyError") == told, done)

    tell("without one")
    path = cache_file(cache)
    with open(path, "rb") as file:
        good = file.read()
    mode = os.stat(path).st_mode
    h.check("it is ours alone", stat.S_IMODE(mode) == 0o600 and stat.S_IMODE(os.stat(cache + "/proctor").st_mode) == 0o700, oct(mode))
    tell("with what was kept")
    lines = good.split(b"\n")
    for what, text in (
        ("empty", b""),
        ("cut", good[:-5]),
        ("longer", good + b"0 0 488b0500000000\n"),
        ("of another file", good.replace(b" ", b" 1", 1)),
        ("large", good + b"x" * (20 << 20)),
        ("of no text", bytes(range(256)) * 20),
        ("with too many sites", b"\n".join([lines[0], lines[1].split()[0] + b" 999999999999", *lines[2:]])),
        ("with instructions that are not sound", good.replace(b" 48", b" cc").replace(b" 4c", b" cc")),
    ):
        with open(path, "wb") as file:
            file.write(text)
        tell(what)
        with open(path, "rb") as file:
            h.check("  it is made anew", file.read() == good)
    with open(path, "wb") as file:
        file.write(b"\n".join([*lines[:2], *[b"%x " % (int(line.split()[0], 16) + 1) + line.split(b" ", 1)[1] for line in lines[2:] if line], b""]))
    tell("with sites that are elsewhere: nothing is written there, and nothing told", told=False)
    os.unlink(path)
    os.mkdir(path)
    tell("a directory")
    os.rmdir(path)
    os.mkfifo(path)
    tell("a FIFO")
    os.unlink(path)
    victim = h.put(directory, "victim", b"mine")
    os.symlink(victim, path)
    tell("a link")
    with open(victim, "rb") as file:
        h.check("  what it leads to is as it was", file.read() == b"mine")
    os.chmod(cache + "/proctor", 0o777)
    tell("a directory that all may write to")
    os.chmod(cache + "/proctor", 0o500)
    tell("a directory that nobody may")
    os.chmod(cache + "/proctor", 0o700)


def main():
    for number, (version, python) in enumerate(h.interpreters()):
        if number == 0 or version[1] >= 12:
            forged(python, h.place())
    with_cache(h.PYTHON, h.place())
    left = h.survivors()
    h.check("nothing is left over", not left, left)
    h.finish()


main()
