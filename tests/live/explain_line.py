#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A line that is refused again and again is one entry of explain with its count, also where it names something
else each time; a line that tries a few names keeps an entry for each."""

import json
import os
import subprocess
import sys

sys.dont_write_bytecode = True
import harness as h

PROGRAM = """
def ask(path):
    try: open(path)
    except OSError: pass
for i in range(160): ask('/etc/passwd')
for i in range(3000):
    try: open(f'/etc/many-{i}')
    except OSError: pass
for i in range(5):
    try: open(f'/etc/few-{i}')
    except OSError: pass
import os
for i in range(30):
    try: os.mkdir(f'/etc/made-{i}')
    except OSError: pass
open('/etc/many-5')
"""


def main():
    run = h.proctor([h.PYTHON, h.put(h.place(), "s.py", PROGRAM)])
    told = h.explained(run.log_path)
    h.check("all of it is recorded and counted", run.verdict.get("violations") == 3196 and "; 3,196 refusals" in told, run, told)
    h.equal("160 refusals of one path are one entry", told.count('openat("/etc/passwd"'), 1)
    h.check("with its count", "160 times alike" in told, told)
    h.equal("3000 names at one line are one entry", [i for i in range(3000) if f'openat("/etc/many-{i}",' in told], [0, 5])
    h.check("with the number of the others", "2,999 more refusals at this line, of /etc/many-*, #" in told, told)
    h.check("whose fix is for one of them", "-r /etc/many-0    (exact if it is a file; 1 call here)" in told, told)
    h.equal("a few names are told each for itself", sum(f'openat("/etc/few-{i}",' in told for i in range(5)), 5)
    h.equal("what the line was called for is not mixed", told.count("DENIED  mkdir("), 1)
    h.check("nothing is left out", "not grouped" not in told and "not shown" not in told, told)
    done = subprocess.run([h.PROCTOR, "explain", "--json", run.log_path], stdout=subprocess.PIPE, check=False)
    entries = {r["file"]["path"]: (r["count"], r.get("others")) for r in json.loads(done.stdout)["refusals"] if "file" in r}
    h.equal("the same as JSON", (entries["/etc/passwd"], entries["/etc/many-0"]), ((160, None), (3000, 2999)))
    h.finish()


if __name__ == "__main__":
    main()
