#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes doc/report.png, the picture of a report in README.md: `make pictures`.

    doc/pictures.py PROCTOR FILE.png

Runs a submission under PROCTOR, has the page made, and takes the top of it, down to the end of the source, in
a headless chromium. Nothing of this machine is to be seen in it: the submission's own folder is where it runs.
A limit of the size keeps the repository small: a picture above it is an error, and the old one stays.
"""

import os
import random
import struct
import subprocess
import sys
import tempfile
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "live"))

import browser  # noqa: E402

WIDTH, BYTES = 1360, 200_000
SUBMISSION = '''import heapq

def load(name):
    with open(name) as file:
        return [line.split() for line in file]

def cheapest(grid):
    n, best, todo = len(grid), {}, [(0, 0, 0)]
    while todo:
        cost, x, y = heapq.heappop(todo)
        if (x, y) in best:
            continue
        best[x, y] = cost
        for a, b in (x + 1, y), (x, y + 1):
            if a < n and b < n:
                step = int(grid[b][a])
                heapq.heappush(todo, (cost + step, a, b))
    return best[n - 1, n - 1]

print(cheapest(load("grid.txt")))
print(load("/srv/judge/answers/17.txt"))
'''
OPTIONS = [
    "-q", "--calls", "all", "--stack-for", "all", "--profile", "--label", "student=alice",
    "--label", "task=17", "--cpu", "2s", "--wall", "6s", "--memory", "256MiB", "--output", "64KiB", "--tasks", "4",
]


def made(proctor, place):
    """The page of the submission, run in a folder of its own."""
    folder = os.path.join(place, "alice")
    os.mkdir(folder)
    dice = random.Random(17)
    grid = "".join(" ".join(str(dice.randint(1, 9)) for _ in range(300)) + "\n" for _ in range(300))
    for name, text in ("solve.py", SUBMISSION), ("grid.txt", grid):
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write(text)
    log, page = os.path.join(place, "run.jsonl"), os.path.join(place, "report.html")
    ran = subprocess.run(
        [proctor, "run", *OPTIONS, "-o", log, "solve.py"], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
        check=False, env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8"},
    )
    if ran.returncode != 1 or b"PermissionError" not in ran.stderr:
        sys.exit("pictures: the submission did not end as it should:\n" + ran.stderr.decode())
    subprocess.run([proctor, "report", "-o", page, "--source", os.path.join(folder, "solve.py"), log], check=True)
    return page


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def smaller(png):
    """The same pixels without a filter and packed as well as zlib can: flat areas take a fourth less so."""
    at, packed, head = 8, b"", b""
    while at < len(png):
        n, kind = struct.unpack_from(">I4s", png, at)
        if kind == b"IHDR":
            head = png[at + 8 : at + 8 + n]
        elif kind == b"IDAT":
            packed += png[at + 8 : at + 8 + n]
        at += 12 + n
    width, height, *form = struct.unpack(">IIBBBBB", head)
    if form != [8, 2, 0, 0, 0]:
        sys.exit(f"pictures: a PNG of another form: {form}")
    rows, size, out = zlib.decompress(packed), width * 3, b""
    above = bytes(size)
    for y in range(height):
        how, row = rows[y * (size + 1)], bytearray(rows[y * (size + 1) + 1 : (y + 1) * (size + 1)])
        for i in range(size if how else 0):
            left, up, corner = (row[i - 3], above[i], above[i - 3]) if i > 2 else (0, above[i], 0)
            paeth = min((left, up, corner), key=lambda v, p=left + up - corner: abs(p - v)) if how == 4 else 0
            row[i] = row[i] + (0, left, up, (left + up) // 2, paeth)[how] & 255
        out += b"\0" + row
        above = row
    return png[:8] + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(out, 9)) + chunk(b"IEND", b"")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    proctor, target = map(os.path.abspath, sys.argv[1:])
    if not browser.find():
        sys.exit("pictures: there is no browser: " + ", ".join(browser.PROGRAMS))
    with tempfile.TemporaryDirectory(prefix="pictures-") as place:
        path = made(proctor, place)
        picture = os.path.join(place, "report.png")
        with browser.Browser() as b:
            measured = b.open(path, width=WIDTH)
            height = int(measured.eval("document.getElementById('source').getBoundingClientRect().bottom"))
            shown = b.open(path, width=WIDTH, height=height)
            shown.picture(picture, whole=False)
            top = shown.eval(
                "[...document.querySelectorAll('header, #refusals, #source')].map((e) => e.innerText).join(' ')"
            )
        if place in top or os.uname().nodename in top:
            sys.exit("pictures: the picture would tell where it was made")
        with open(picture, "rb") as file:
            data = smaller(file.read())
        if len(data) > BYTES:
            sys.exit(f"pictures: {len(data)} bytes are more than {BYTES}")
        with open(target, "wb") as file:
            file.write(data)


main()
