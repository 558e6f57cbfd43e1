# SPDX-License-Identifier: Apache-2.0
"""Lines that the tests reached, from gcov: python3 coverage.py SOURCE BUILD."""
import collections
import glob
import json
import os
import subprocess
import sys

source, build = map(os.path.abspath, sys.argv[1:3])
rooms = ("base", "tracee", "policy", "record", "words", "supervisor", "report", "grade", "cli")
lines = collections.defaultdict(dict)  # file -> line -> times
data = sorted(p for room in rooms for p in glob.glob(f"{build}/{room}/**/*.gcda", recursive=True))
if not data:
    sys.exit("coverage: no .gcda file: nothing was instrumented or nothing ran")
for path in data:
    out = subprocess.run(["gcov", "--json-format", "--stdout", path], cwd=build, check=True,
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    for document in out.decode().splitlines():
        for file in json.loads(document)["files"]:
            name = os.path.relpath(os.path.join(build, file["file"]), source)
            if not name.startswith(rooms):
                continue
            for line in file["lines"]:
                seen = lines[name]
                seen[line["line_number"]] = seen.get(line["line_number"], 0) + line["count"]


def show(name, counts):
    reached = sum(1 for n in counts if n)
    print(f"{name:<36} {reached:>6} of {len(counts):>6}  {100 * reached / len(counts):6.1f} %")


by_room = collections.defaultdict(list)
for name in sorted(lines):
    by_room[name.split("/")[0]] += lines[name].values()
    show(name, lines[name].values())
print()
for room in rooms:
    if by_room[room]:
        show(room + "/", by_room[room])
show("all", [n for room in rooms for n in by_room[room]])
