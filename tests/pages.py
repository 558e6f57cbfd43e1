#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The pages and --help as they are read: no line is wider than a terminal, a quote ends before the
next begins, a heading has all its words, and all pages end alike. Figures that two pages tell are
the same in both.
"""

import glob
import os
import re
import shutil
import subprocess
import sys

TOP = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(os.path.dirname(__file__), ".."))
PROCTOR = os.path.abspath(os.environ.get("PROCTOR") or os.path.join(TOP, "proctor"))
WIDTH = 80
# strace -c's table with what was decided beside it, as wide as it is printed.
WIDE = {"proctor-summary.1": re.compile(r" +(%|[-\d]+\.?\d*|-{6}) .*")}
COMMANDS = [], ["run"], ["explain"], ["summary"], ["export"], ["report"], ["tail"], ["verify"], ["policy"], ["learn"], ["why"], ["diff"], ["judge"], ["batch"], ["doctor"]
failed = 0


def check(sentence, wrong):
    """WRONG lists what speaks against it."""
    global failed
    print(("FAIL " if wrong else "ok   ") + sentence)
    for what in wrong[:10]:
        print("     " + str(what))
    failed += bool(wrong)


def read(*path):
    with open(os.path.join(TOP, *path), encoding="utf-8") as text:
        return text.read()


def rendered(path):
    out = subprocess.run(["mandoc", "-T", "utf8", "-O", "width=78", path], stdout=subprocess.PIPE, check=True).stdout
    return re.sub(".\b", "", out.decode())


def too_wide(name, text):
    known = WIDE.get(name)
    return [l for l in text.splitlines() if len(l) > WIDTH and not (known and known.fullmatch(l))]


def open_quotes(text):
    """Quotes that begin within another of their kind, or end twice."""
    return re.findall(r"“[^”]{0,40}“.{0,20}|‘[^’]{0,40}‘.{0,20}|”\s*”|’\s*’", " ".join(text.split()))


def lost_headings(source, text):
    lines = {l.strip() for l in text.splitlines()}
    told = [re.sub(r'\\&|"', "", h).strip() for h in re.findall(r"^\.S[hs] +(.*)", source, re.M)]
    return [h for h in told if h not in lines and h.upper() not in lines]


def pages():
    footers = {}
    for path in sorted(glob.glob(os.path.join(TOP, "man", "proctor*.[1-8]"))):
        name, text = os.path.basename(path), rendered(path)
        check(f"{name}: no line is wider than {WIDTH} columns", too_wide(name, text))
        check(f"{name}: every quote ends", open_quotes(text))
        check(f"{name}: every heading is whole", lost_headings(read("man", name), text))
        footers.setdefault(" ".join(text.splitlines()[-1].split()), []).append(name)
    check("all pages end alike", list(footers.items()) if len(footers) != 1 else [])


def helps():
    for words in COMMANDS:
        out = subprocess.run([PROCTOR, *words, "--help"], stdout=subprocess.PIPE, check=True).stdout.decode()
        name = " ".join(["proctor", *words, "--help"])
        check(f"{name}: no line is wider than {WIDTH} columns", too_wide(name, out))


def table_rows(text):
    """{first cell: [numbers of the others]} of all tables of a page."""
    found = {}
    for line in text.splitlines():
        cells = [c.strip() for c in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) > 2 and not set(cells[0]) <= set("-: "):
            found[cells[0]] = re.findall(r"[-+]?\d[\d.]*", " ".join(cells[1:]))
    return found


def figures():
    """The README takes what proctor costs from doc/PERFORMANCE.md."""
    cost = read("README.md").partition("## What it costs")[2].partition("\n## ")[0]
    there, here = table_rows(read("doc", "PERFORMANCE.md")), table_rows(cost)
    here = {name: numbers for name, numbers in here.items() if numbers}
    check("README.md tells what proctor costs", [] if len(here) > 5 else [here])
    wrong = [f"{n}: {set(f) - set(there.get(n, []))}" for n, f in here.items() if set(f) - set(there.get(n, []))]
    check("with the figures of doc/PERFORMANCE.md", wrong)


def said_twice():
    """A long line that begins as another did: two versions of one thing."""
    names = ["NEWS", "README.md", "SECURITY.md", "CONTRIBUTING.md", "configure.ac", "Makefile.am"]
    for where in "doc/*.md", "*/local.mk", "tests/[!l]*.mk", "tests/live.mk":
        names += [os.path.relpath(name, TOP) for name in sorted(glob.glob(os.path.join(TOP, where)))]
    wrong = []
    for name in names:
        seen = {}
        fenced = False
        for number, line in enumerate(read(name).splitlines(), 1):
            fenced ^= line.startswith("```")
            start = line.strip()[:50]
            if fenced or len(start) < 40:
                continue
            if start in seen:
                wrong.append(f"{name}:{seen[start]} and {number}: {start}")
            seen.setdefault(start, number)
    check("nothing is said twice", wrong)


def listed_twice():
    """make install fails for a page that is listed twice."""
    names = ["Makefile.am"]
    for where in "*/local.mk", "tests/[!l]*.mk", "tests/live.mk":
        names += [os.path.relpath(name, TOP) for name in sorted(glob.glob(os.path.join(TOP, where)))]
    seen = {}
    wrong = []
    for name in names:
        for variable, words in re.findall(r"^(\w+) *\+?=(.*)", read(name).replace("\\\n", " "), re.M):
            for word in words.split():
                if "/" in word and not word.startswith(("-", "$")) and (variable, word) in seen:
                    wrong.append(f"{variable}: {word} in {name} and {seen[variable, word]}")
                seen[variable, word] = name
    check("no list of the build has a file twice", wrong)


helps()
figures()
said_twice()
listed_twice()
if shutil.which("mandoc"):
    pages()
else:
    print("skip the manual pages as they are read: mandoc is not installed")
sys.exit(1 if failed else 0)
