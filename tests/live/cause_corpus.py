#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small programs that each end in their own way (tests/cause/corpus.txt): what ended each, its exception, its line
and, for a refusal, what could be changed, are told right to both audiences, by the verdict and by explain. CORPUS_PYTHON
names another interpreter, CORPUS_ONLY a part of the names to run.
"""

import json
import os
import re
import sys

sys.dont_write_bytecode = True
import harness as h

CORPUS = os.path.join(h.HERE, "..", "cause", "corpus.txt")
PYTHON = os.environ.get("CORPUS_PYTHON", h.PYTHON)
VERSION = h.sys_version(PYTHON)[:2]
LEAST = 120


class Case:
    def __init__(self, text):
        lines = text.split("\n")
        self.name = lines[0].strip()
        self.said = {}
        at = 1
        while lines[at].startswith("#: "):
            key, _, value = lines[at][3:].partition(" ")
            self.said.setdefault(key, []).append(value)
            at += 1
        self.program = "\n".join(lines[at:]).strip("\n") + "\n"

    def one(self, key, otherwise=None):
        return self.said.get(key, [otherwise])[0]

    def all(self, key):
        return self.said.get(key, [])


def cases():
    with open(CORPUS, encoding="utf-8") as text:
        return [Case(part) for part in re.split(r"^=== ", text.read(), flags=re.M)[1:]]


def unescaped(text):
    return text.encode("latin-1", "backslashreplace").decode("unicode_escape").encode("latin-1")


def run(case, base):
    box = os.path.join(base, "box")
    name = case.one("name", "solve.py")
    program = case.program.encode()
    if "crlf" in case.said:
        program = program.replace(b"\n", b"\r\n")
    h.put(box, name, program)
    for put in case.all("put"):
        path, _, text = put.partition(" ")
        h.put(box, path, unescaped(text))
    stdin = unescaped(case.one("stdin", ""))
    words = {
        None: [os.path.join(box, name)],
        "-c": [PYTHON, "-c", case.program],
        "stdin": [PYTHON],
        "-m": [PYTHON, "-m", "solve"],
    }[case.one("how")]
    if case.one("how") == "stdin":
        stdin = program
    options = ["-r", box] if case.one("how") else ["--python", PYTHON]
    words += case.one("args", "").split()
    options += case.one("options", "").split()
    return h.proctor(words, *options, stdin=stdin, cwd=os.path.join(box, case.one("cwd", ".")), env=h.clean_env(HOME="/root"))


def place(cause, box):
    exception = cause.get("exception", {})
    file, line = exception.get("file"), exception.get("line")
    if file is None and exception.get("lineno"):
        file, line = exception.get("filename"), exception["lineno"]
    if exception.get("type") in ("SyntaxError", "IndentationError", "TabError") and (exception.get("filename") or "<")[0] != "<":
        file, line = exception["filename"], exception.get("lineno")
    if file and not os.path.isabs(file) and file[0] != "<":
        file = os.path.join(box, file)
    return f"{os.path.relpath(file, box) if file and file[0] == '/' else file}:{line}"


def type_of(cause):
    exception = cause.get("exception")
    if not exception:
        return "none"
    module = exception.get("module", "builtins")
    return exception["type"] if module in ("builtins", "__main__") else f"{module}.{exception['type']}"


def flat(text):
    return " ".join(text.split())


class Faults(list):
    def unless(self, fact, *what):
        if not fact:
            self.append(" ".join(str(w) for w in what))


def shared(case, done, box):
    """What is wrong for everybody."""
    faults = Faults()
    verdict = done.verdict
    if not verdict or not os.path.exists(done.log_path):
        return Faults([f"there was no run: {done}"])
    cause = verdict.get("cause", {})
    kind, _, uncertain = case.one("kind").partition(" ")
    faults.unless(cause.get("kind") == kind, "kind is", cause.get("kind"))
    faults.unless(cause.get("certain") is not bool(uncertain), "certain is", cause.get("certain"))
    faults.unless(verdict.get("sub_status") == case.one("sub"), "sub_status is", verdict.get("sub_status"))
    status = case.one("status", "1")
    faults.unless(
        str(verdict.get("exit", {}).get("code")) == status or f"signal {verdict.get('exit', {}).get('signal')}" == status,
        "exit is", verdict.get("exit"),
    )
    if "type" in case.said:
        faults.unless(type_of(cause) == case.one("type"), "type is", type_of(cause))
    if "at" in case.said:
        faults.unless(place(cause, box) in case.all("at"), "place is", place(cause, box))
    faults.unless(done.last("end").get("cause") == cause, "the end record says", done.last("end").get("cause"))
    return faults


def audience(case, done, which, base):
    """What is wrong for one audience: in the verdict, and in explain's text at 80 columns and JSON."""
    faults = Faults()
    if not done.verdict or not os.path.exists(done.log_path):
        return faults
    said = done.verdict.get("messages", {}).get(which, "")
    parts = case.all("both") + case.all(which)
    env = dict(os.environ, COLUMNS="80")
    text = h.native([h.PROCTOR, "explain", "--audience", which, done.log_path], env=env).out.decode()
    document = json.loads(h.explained(done.log_path, "--audience", which, "--json"))
    for part in parts:
        faults.unless(part in said, f"the verdict says: {said}")
        # Staff see how a run ended well in its first line.
        if document["status"] != "OK":
            faults.unless(
                flat(part) in flat(text) or part in document["ended_by"].get("messages", {}).get(which, ""),
                f"explain says: {text}",
            )
        faults.unless(part in document["ended_by"]["messages"].get(which, ""), f"explain --json says: {document['ended_by']}")
    faults.unless(len(said) <= 1024 and "\n" not in said, "no line of at most 1024:", said)
    faults.unless(all(len(line) <= 80 for line in text.split("\n")), "wider than 80:", text)
    faults.unless(text.strip(), "explain says nothing")
    if which == "student":
        everything = said + text + json.dumps(document)
        outside = re.sub(r"https?://\S+", "", everything)
        for word in [base, "/root", "/usr", "builtin:", ".yaml", "\x1b"] + case.all("not"):
            faults.unless(word not in outside, f"a student reads {word!r}: {everything}")
    elif "fix" in case.said:
        first = document["refusals"][0] if document["refusals"] else {}
        offered = " | ".join(first.get("fix", {}).values())
        for fix in case.all("fix"):
            faults.unless(fix in offered, f"what could be changed is: {offered}")
    return faults


def lacks(case):
    """Why CASE cannot be run here, or None."""
    if VERSION < (3, 11) and "ExceptionGroup" in case.program:
        return "there is no ExceptionGroup"
    module = case.one("needs")
    if module and h.native([PYTHON, "-c", f"import {module}"]).status != 0:
        return f"there is no {module}"
    return None


def main():
    right = {"staff": 0, "student": 0}
    listed = cases()
    n = 0
    h.check(f"at least {LEAST} programs, each by a name of its own", len({c.name for c in listed}) >= max(LEAST, len(listed)))
    for case in listed:
        if os.environ.get("CORPUS_ONLY", "") not in case.name:
            continue
        reason = lacks(case)
        if reason:
            h.skip(case.name, reason)
            continue
        n += 1
        base = h.place()
        done = run(case, base)
        common = shared(case, done, os.path.join(base, "box"))
        for which in right:
            faults = common + audience(case, done, which, base)
            h.check(f"{case.name}: {which}", not faults, *faults)
            right[which] += not faults
    print(f"{n} programs: right for staff {right['staff']}, for students {right['student']}", flush=True)
    h.finish()


main()
