#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The log: every line a record, in order, complete, nothing lost; start, summary and end; its hash in
the verdict; created 0600 and never over something; to stdout and to a FIFO; bytes kept exactly.
"""

import base64
import hashlib
import json
import os
import re
import stat
import subprocess
import sys
import threading

sys.dont_write_bytecode = True
import harness as h

ROUNDS = 50000
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z")


def whole(name, run, complete=True):
    """What holds of every log."""
    with open(run.log_path, "rb") as log:
        raw = log.read()
    lines = raw.split(b"\n")
    h.check(
        f"{name}: every line is a JSON object, the last one ended",
        lines.pop() == b""
        and all(l.startswith(b"{") for l in lines)
        and all(isinstance(json.loads(l), dict) for l in lines),
        lines[-1:],
    )
    h.check(
        f"{name}: pure ASCII or UTF-8, no control character",
        not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", raw) and (raw.decode("utf-8") or True),
    )
    records = run.records
    kinds = [r["kind"] for r in records]
    h.check(
        f"{name}: start first, then summary and end last, one of each",
        kinds[0] == "start"
        and [k for k in kinds if k != "chain"][-2:] == ["summary", "end"]
        and all(kinds.count(k) == 1 for k in ("start", "summary", "end"))
        and set(kinds) <= {"start", "call", "signal", "lost", "chain", "summary", "end"},
        kinds[:3],
        kinds[-3:],
    )
    sequences = [r["event"]["sequence"] for r in records if "event" in r]
    h.equal(
        f"{name}: sequence numbers are consecutive from 1",
        (sequences, len(sequences)),
        (list(range(1, len(sequences) + 1)), len(sequences)),
    )
    h.check(
        f"{name}: one run id, one version",
        {r["run"]["id"] for r in records if "run" in r} == {run.verdict["run"]["id"]}
        and {r["v"] for r in records} == {1},
    )
    h.equal(f"{name}: the end counts the records", records[-1]["records"], len(records))
    times = [r["@timestamp"] for r in records if "@timestamp" in r]
    h.check(f"{name}: time stamps in ISO 8601 with nanoseconds", all(TIME.fullmatch(t) for t in times))
    if complete:
        h.check(
            f"{name}: the verdict's hash is the log's",
            run.verdict["log"]["sha256"] == hashlib.sha256(raw).hexdigest()
            and run.verdict["log"]["complete"] is True
            and run.verdict["log"]["file"] == run.log_path,
            run.verdict["log"],
        )
    h.equal(
        f"{name}: violations are counted alike",
        (len(run.refused()), records[-1]["violations"]),
        (run.verdict["violations"],) * 2,
    )
    return records


def small(box):
    script = h.put(
        box,
        "small.py",
        "import os\ndef f():\n    try: open('/etc/passwd')\n    except OSError: pass\nf()\nos.kill(os.getpid(), 0)\nprint(1)\n",
    )
    run = h.proctor(
        [h.PYTHON, script, "an argument\n", "\udcff"],
        "--id",
        "s-381",
        "--label",
        "course=1",
        "--label",
        "k=v=w \"q\"",
        cwd=box,
    )
    records = whole("a small run", run)
    start = records[0]
    h.check(
        "start: argv, cwd, executable, script with hash, host, walls, version",
        start["process"]["args"][1:3] == [script, "an argument\n"]
        and start["process"]["working_directory"] == box
        and os.path.samefile(start["process"]["executable"], h.PYTHON)
        and start["script"]["path"] == script
        and start["script"]["sha256"] == hashlib.sha256(open(script, "rb").read()).hexdigest()
        and start["host"]["kernel"] == os.uname().release
        and {"seccomp", "ptrace", "no_new_privs"} <= set(start["host"]["walls"])
        and start["proctor"]["version"],
        start,
    )
    h.check(
        "id and labels are in log and verdict",
        start["run"]["submission"] == "s-381" == run.verdict["run"]["submission"]
        and start["run"]["labels"] == {"course": "1", "k": 'v=w "q"'} == run.verdict["run"]["labels"],
        start["run"],
        run.verdict["run"],
    )
    mode = os.stat(run.log_path)
    h.equal("the log is 0600", stat.S_IMODE(mode.st_mode), 0o600)
    h.equal("so is the verdict", stat.S_IMODE(os.stat(run.verdict_path).st_mode), 0o600)
    for r in run.calls():
        if not (
            {"nr", "arch", "args"} <= set(r["syscall"])
            and {"action", "how", "enforced"} <= set(r["decision"])
            and {"action", "type", "outcome", "duration", "sequence"} <= set(r["event"])
            and r["rule"]["ref"]
            and (("ret" in r["syscall"]) == (r["event"]["outcome"] != "unknown"))
            and (r["event"]["outcome"] == "failure") == (r["syscall"].get("ret", 0) < 0)
            and (("errno" in r["syscall"]) == (r["syscall"].get("ret", 0) < 0))
        ):
            h.check("every call record has its members", False, r)
            break
    else:
        h.check("every call record has its members", True)
    empty = os.umask(0)
    run = h.proctor([h.PYTHON, script], cwd=box)
    os.umask(empty)
    h.equal("0600 whatever the umask", stat.S_IMODE(os.stat(run.log_path).st_mode), 0o600)


def long(box):
    script = h.put(
        box,
        "long.py",
        f"import os\nfor i in range({ROUNDS}):\n    os.path.exists('n%d' % i) if i % 100 == 0 else os.access('n%d' % i, 4)\nprint('end')\n",
    )
    run = h.proctor([h.PYTHON, script], cwd=box, timeout=120)
    h.check(f"a run of {ROUNDS} brokered calls", run.status == 0 and run.out == b"end\n", run)
    whole("the long run", run)
    names = [r["syscall"]["args"][0 if r["event"]["action"] in ("access", "stat") else 1] for r in run.calls()]
    mine = [n for n in names if re.fullmatch(r'"n\d+"', n)]
    h.check(
        "nothing is lost, and the order is that of the calls", mine == [f'"n{i}"' for i in range(ROUNDS)], len(mine)
    )
    threads = h.put(
        box,
        "threads.py",
        "import os, threading\nN = 20\ndef f(t):\n    for i in range(500): os.access('t%d-%d' % (t, i), 4)\n"
        "ts = [threading.Thread(target=f, args=(t,)) for t in range(N)]; [t.start() for t in ts]; [t.join() for t in ts]\n",
    )
    run = h.proctor([h.PYTHON, threads], cwd=box)
    whole("twenty threads", run)
    seen = {}
    for r in run.calls("access"):
        match = re.fullmatch(r'"t(\d+)-(\d+)"', r["syscall"]["args"][0])
        if match:
            seen.setdefault((match[1], r["process"]["thread"]["id"]), []).append(int(match[2]))
    h.check(
        "twenty threads: each one's calls are all there, in its order",
        len(seen) == 20 and all(v == list(range(500)) for v in seen.values()),
        {k: len(v) for k, v in seen.items()},
    )


def contents(box):
    h.put(box, "data", "what-is-read-42")
    script = h.put(
        box,
        "contents.py",
        "import os, sys\ndata = open('data').read(); data += input()\nr, w = os.pipe(); os.write(w, data.encode()); os.read(r, 99)\n"
        "print('what-is-' + 'written-42'); sys.stderr.write('what-is-' + 'told-42')\n",
    )
    run = h.proctor([h.PYTHON, script], "--calls", "all", stdin=b"what-is-typed-42\n", cwd=box)
    with open(run.log_path, "rb") as log:
        found = re.findall(rb"what-is-\w+-42", log.read())
    h.check(
        "--calls all records reads and writes, never what is read and written",
        run.status == 0 and b"what-is-written-42" in run.out and run.calls("read") and run.calls("write") and not found,
        found,
        run,
    )


def into_a_pipe(words, box):
    """A run whose log goes into a pipe: the Popen, and the end to read from."""
    read, write = os.pipe()
    argv = [h.PROCTOR, "run", "-o", str(write), "--", *words]
    child = subprocess.Popen(
        argv, cwd=box, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=h.clean_env(), pass_fds=[write]
    )
    os.close(write)
    return child, os.fdopen(read, "rb")


def targets(box):
    script = h.put(
        box, "small.py", "import os\ntry: open('/etc/passwd')\nexcept OSError: pass\nos.write(2, b'told\\n')\n"
    )
    child, log = into_a_pipe([h.PYTHON, script], box)
    with log:
        records = [json.loads(line) for line in log]
    h.check(
        "-o FD: the log is there",
        records[0]["kind"] == "start" and records[-1]["kind"] == "end" and child.communicate()[1] == b"told\n",
        records[-1],
    )
    h.equal("and the run ends well", child.returncode, 0)
    fifo = box + "/fifo"
    os.mkfifo(fifo)
    got = []
    reader = threading.Thread(target=lambda: got.append(open(fifo, "rb").read()))
    reader.start()
    verdict = box + "/fifo.json"
    run = h.finished(
        [h.PROCTOR, "run", "-o", fifo, "--verdict", verdict, "--", h.PYTHON, script],
        None,
        None,
        b"",
        None,
        30,
        {"cwd": box},
    )
    reader.join(10)
    with open(verdict) as text:
        told = json.load(text)
    h.check(
        "a FIFO as log: all of it arrives, with the verdict's hash",
        run.status == 0
        and got
        and json.loads(got[0].splitlines()[-1])["kind"] == "end"
        and told["log"]["sha256"] == hashlib.sha256(got[0]).hexdigest(),
        run,
        told,
    )
    many = h.put(box, "many.py", "import os\nfor i in range(20000): os.access('x%d' % i, 4)\n")
    # A reader slower than the program: the program waits, nothing is dropped.
    child, log = into_a_pipe([h.PYTHON, many], box)
    lines = 0
    for line in log:
        lines += b'"access"' in line
        if lines % 2000 == 1:
            threading.Event().wait(0.02)
    log.close()
    h.check("a slow reader of the log loses nothing", child.wait(30) == 0 and lines >= 20000, lines)
    child.stderr.close()
    child, log = into_a_pipe([h.PYTHON, many], box)
    log.read(100000)
    log.close()
    err = child.stderr.read()
    h.check(
        "a reader that goes away ends the run with 74", child.wait(30) == 74 and b"log" in err, child.returncode, err
    )
    child.stderr.close()
    null = h.finished(
        [h.PROCTOR, "run", "-o", "/dev/null", "--", h.PYTHON, script], None, None, b"", None, 30, {"cwd": box}
    )
    h.check("-o /dev/null", null.status == 0, null)
    run = h.proctor([h.PYTHON, script], log=False, cwd=box)
    h.check(
        "without -o there is no log, and the verdict says so",
        run.status == 0 and run.verdict["log"] is None and run.verdict["violations"] == 1,
        run.verdict,
    )
    h.check(
        "a pointer at what is told live",
        h.proctor([h.PYTHON, script], "--live", "2", cwd=box).err.count(b"/etc/passwd") >= 1,
    )


def hostile(box):
    names = [
        b"\xff\xfe",
        b"new\nline",
        b"esc\x1b[31m",
        b'quo"te\\',
        b"tab\t",
        b"\x7f",
        b"\xc2\x9b31m",
        b"\xe2\x80\xae",
        b"nul-less " + bytes(range(1, 256)).replace(b"/", b""),
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        "é☃😀".encode(),
        b'"}\n{"v":1,"kind":"end"}',
    ]
    script = h.put(
        box,
        "hostile.py",
        f"import os\nfor n in {names!r}:\n    for p in b'/nothing/' + n, n:\n        try: os.stat(p)\n        except OSError: pass\nprint('end')\n",
    )
    run = h.proctor([h.PYTHON, script], cwd=box)
    h.check("the program ends well", run.status == 0, run)
    whole("hostile names", run)
    by_path = {}
    for r in run.calls():
        if "file" in r:
            path = (
                base64.b64decode(r["file"]["path_b64"])
                if "path_b64" in r["file"]
                else r["file"]["path"].encode("utf-8")
            )
            by_path[path] = r
    for name in names:
        if len(name) > 255:
            continue
        for path in b"/nothing/" + name, box.encode() + b"/" + name:
            record = by_path.get(path)
            if not h.check(
                f"{path[-30:]!r}: the bytes are kept exactly",
                record is not None,
                [p for p in by_path if p.startswith(path[:8])][:3],
            ):
                continue
            try:
                path.decode("utf-8")
                h.check(f"{path[-30:]!r}: UTF-8, without a twin", "path_b64" not in record["file"], record["file"])
            except UnicodeDecodeError:
                h.check(
                    f"{path[-30:]!r}: no UTF-8, with a twin in base 64", "path_b64" in record["file"], record["file"]
                )
    text = h.native([h.PROCTOR, "explain", run.log_path])
    h.check(
        "explain shows no control character",
        text.status in (0, 1) and not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae", text.out),
        text,
    )


def main():
    box = h.place()
    small(box)
    long(box)
    contents(box)
    targets(box)
    hostile(box)
    h.equal("no process is left", h.survivors(), [])
    h.finish()


main()
