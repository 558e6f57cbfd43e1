#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One act is one entry of explain, however many calls a library makes for it, with its main refusal first; two acts are two,
and files that a program names itself stay apart."""

import json
import sys

sys.dont_write_bytecode = True
import harness as h

# (what, program, (the entries by their calls), an act of several calls, the library that it needs)
ACTS = [
    ("another program", "import subprocess\nsubprocess.run(['ls'])\n", ["vfork"], True, "subprocess"),
    ("a temporary file", "import tempfile\ntempfile.TemporaryFile()\n", ["openat"], True, "tempfile"),
    ("a browser", "import webbrowser\nwebbrowser.open('http://example.org/')\n", [], False, "webbrowser"),
    ("a name that is looked up", "import socket\nsocket.getaddrinfo('example.org', 80)\n", ["socket"], True, "socket"),
    ("an address", "import urllib.request\nurllib.request.urlopen('http://example.org/')\n", ["socket"], True, "urllib"),
    ("a user's name", "import getpass, os\nos.environ.clear()\ntry: getpass.getuser()\nexcept (KeyError, OSError): pass\n",
     [], False, "getpass"),
    ("an address by requests", "import requests\nrequests.get('http://example.org/')\n", ["socket"], True, "requests"),
    ("two programs", "import subprocess\nfor n in 1, 2:\n    try: subprocess.run(['ls'])\n    except OSError: pass\n"
     "try: subprocess.run(['ls'])\nexcept OSError: pass\n", ["vfork", "vfork"], True, "subprocess"),
    ("files that the program names", "for n in 'abc':\n    try: open('/etc/secret-' + n)\n    except OSError: pass\n",
     ["openat"] * 3, False, "sys"),
    ("names that a program makes up", "import uuid\nfor n in range(3):\n    try: open(f'/etc/{uuid.uuid4()}.json')\n"
     "    except OSError: pass\n", ["openat"], False, "uuid"),
    ("files by a library", "import pathlib\nfor n in 'abc':\n    try: pathlib.Path('/etc/secret-' + n).read_text()\n"
     "    except OSError: pass\n", ["openat"] * 3, False, "pathlib"),
]

PATTERNS = {"a temporary file": "/tmp/*, /var/tmp/*, /usr/tmp/*, ", "names that a program makes up": "/etc/*.json"}


def main():
    for what, program, calls, several, library in ACTS:
        pythons = [p for p in [h.PYTHON] + [p for _, p in h.interpreters()] if h.native([p, "-c", f"import {library}"]).status == 0]
        if not pythons:
            h.skip(what, f"no interpreter here has {library}")
            continue
        run = h.proctor([h.put(h.place(), "solve.py", program)], "--python", pythons[0])
        document = json.loads(h.explained(run.log_path, "--json"))
        # Importing a library may be refused things too.
        told = [r for r in document["refusals"] if not r.get("source", "").startswith("import")]
        got = [(r.get("call") or "?").partition("(")[0] for r in told]
        h.check(f"{what}: {len(calls)} of explain", got == calls, got, told)
        h.check("  of several calls" if several else "  of one call each",
                any(r.get("told_as") for r in told) == several, told)
        if what in PATTERNS:
            h.check("  whose names are patterns", PATTERNS[what] in (told[0].get("names") or "") and told[0]["count"] > 2, told)
        text = h.explained(run.log_path, "--audience", "student")
        h.check("  told the student once", not several or " times)" not in text.replace("(2 times)", "" if what == "two programs" else "(2 times)"), text)
        text = h.explained(run.log_path)
        h.check("  which the text says", (" for one act, " in text or " to look up a name, " in text) == several, text)
        if what == "a browser":
            text = h.explained(run.log_path, "--all")
            h.check("  with what to do, and no line that would be of no use", "print the address" in text and "-r /" not in text and
                    "no policy line for the look alone" in text, text)
        h.check("  with all calls counted", document["violations"] >= sum(r["count"] for r in told), document)
    # CPython counts its threads after a fork, from 3.12 on, also after one that was refused.
    newest = max(h.interpreters())[1]
    run = h.proctor([h.put(h.place(), "solve.py", "import os\ntry: os.fork()\nexcept OSError: pass\n")], "--python", newest)
    h.equal("a fork that is refused is one violation", (run.verdict["violations"], run.status), (1, 0))
    h.finish()


main()
