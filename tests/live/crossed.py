#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A limit that was crossed is crossed, also by a program that ends before anybody looks; and memory is what the
program made, not the pages of files that it looks at. No check here depends on how fast the machine is: a program
that sleeps longer than its limit has crossed it.
"""

import os
import shutil
import sys

sys.dont_write_bytecode = True
import harness as h

MIB = 1 << 20
FILE = 160 * MIB
LIMIT = 64

MAP = """
import mmap, os, sys, time
f = open(sys.argv[1], "rb")
def look(access):
    m = mmap.mmap(f.fileno(), 0, access=access)
    total = sum(m[i] for i in range(0, len(m), 4096))
    return m
"""
LOOKS = {
    "shared": MAP + "m = look(mmap.ACCESS_READ); time.sleep(0.2); print('seen')\n",
    "private": MAP + "m = look(mmap.ACCESS_COPY); time.sleep(0.2); print('seen')\n",
    "and gone again": MAP + "for i in range(20): look(mmap.ACCESS_READ).close()\nprint('seen')\n",
    "at its end": MAP + "m = look(mmap.ACCESS_READ); os.write(1, b'seen\\n'); os._exit(0)\n",
    "by a thread that stays alone": MAP
    + """
import ctypes, threading
def work():
    time.sleep(0.1)
    m = look(mmap.ACCESS_READ); time.sleep(0.2); os.write(1, b'seen\\n'); os._exit(0)
threading.Thread(target=work).start()
ctypes.CDLL(None).syscall(60, 0)
""",
}
MADE = {
    "a private copy, changed": MAP
    + "m = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_COPY)\nfor i in range(0, len(m), 4096): m[i] = 1\ntime.sleep(20)\n",
    "shared memory": "import mmap, time\nm = mmap.mmap(-1, %d)\nfor i in range(0, len(m), 4096): m[i] = 1\ntime.sleep(20)\n"
    % FILE,
    "memory beside a file that it looks at": MAP + "m = look(mmap.ACCESS_READ)\nx = b'a' * %d\ntime.sleep(20)\n" % FILE,
    "memory at its end": "import os\nx = b'a' * %d\nos._exit(0)\n" % FILE,
}
# A memfd is only to be had where nothing is refused.
MEMFD = """
import mmap, os, time
fd = os.memfd_create("/data/big (not deleted)")
os.truncate(fd, %d)
m = mmap.mmap(fd, 0)
for i in range(0, len(m), 4096): m[i] = 1
time.sleep(20)
""" % FILE


def wall(box):
    """15 ms after the limit, say, in the middle between two looks."""
    for late in 2, 6, 15, 30, 45:
        script = h.put(box, "late.py", f"import time; time.sleep({0.2 + late / 1000}); print('ended')")
        run = h.proctor([h.PYTHON, script], "--wall", "200ms", "--exit", "verdict", cwd=box)
        limit = run.verdict.get("limit", {})
        h.check(
            f"an end {late} ms after the wall limit: TO",
            (run.status, run.verdict.get("status"), limit.get("name")) == (12, "TO", "wall"),
            run,
        )
        h.check("what was used is more than what was allowed", limit.get("used", 0) > limit.get("value", 0), limit)
    for i in range(12):
        # Sometimes before, sometimes behind: the numbers and the verdict say the same.
        script = h.put(box, "near.py", f"import time; time.sleep({0.06 + i / 200})")
        run = h.proctor([h.PYTHON, script], "--wall", "100ms", cwd=box)
        used = run.verdict.get("wall_ns", 0)
        if not (run.verdict.get("status") in ("OK", "TO") and (run.verdict["status"] == "TO") == (used > 100_000_000)):
            h.check("verdict and numbers agree about the wall limit", False, run)
            break
    else:
        h.check("verdict and numbers agree about the wall limit", True)
    run = h.proctor([h.PYTHON, "-c", "import os, time; time.sleep(0.25); os.kill(os.getpid(), 9)"], "--wall", "200ms")
    h.check("an end by a signal after the wall limit: TO", run.verdict.get("status") == "TO", run)


def looks(box, data, where):
    for name, text in LOOKS.items():
        script = h.put(box, "look.py", text)
        run = h.proctor([h.PYTHON, script, data], "-r", data, "--memory", f"{LIMIT}MiB", "--wall", "50s", cwd=box)
        h.check(
            f"a file {where} that is mapped is no memory of the program: {name}",
            run.out == b"seen\n" and run.verdict.get("status") == "OK",
            run,
        )
        h.check(
            f"nor is it told as such ({run.verdict.get('memory_bytes', 0) // MIB} MiB)",
            MIB < run.verdict.get("memory_bytes", 0) <= LIMIT * MIB,
            run,
        )


def made(box, data):
    for name, text in MADE.items():
        script = h.put(box, "made.py", text)
        run = h.proctor([h.PYTHON, script, data], "-r", data, "--memory", f"{LIMIT}MiB", "--wall", "50s", cwd=box)
        h.check(
            f"it counts: {name}",
            (run.verdict.get("status"), run.verdict.get("limit", {}).get("name")) == ("ML", "memory"),
            run,
        )
    run = h.proctor(
        [h.PYTHON, h.put(box, "memfd.py", MEMFD)],
        "--memory", f"{LIMIT}MiB", "--wall", "50s", "--mode", "audit", cwd=box,
    )
    h.check("it counts: a memfd, whatever its name", run.verdict.get("status") == "ML", run)


def main():
    box, data = h.place(), h.place()
    wall(box)
    file = h.put(data, "data.bin", b"")
    with open(file, "wb") as out:
        for _ in range(FILE // MIB):
            out.write(b"x" * MIB)
    looks(box, file, "on this disk")
    made(box, file)
    if os.path.isdir("/dev/shm") and os.access("/dev/shm", os.W_OK) and shutil.disk_usage("/dev/shm").free > 2 * FILE:
        shm = f"/dev/shm/proctor-test-{os.getpid()}.bin"
        try:
            shutil.copy(file, shm)
            looks(box, shm, "in memory (tmpfs)")
        finally:
            if os.path.exists(shm):
                os.unlink(shm)
    else:
        h.skip("a file in a tmpfs", "no /dev/shm with room here")
    os.unlink(file)
    h.finish()


main()
