# SPDX-License-Identifier: Apache-2.0
"""Runs solve.py, which lies beside it, under one of Python's own profilers, and leaves what that says in the scratch.

This runs in the program's own process. The program can stop the profiler, change what it says, or write the file
itself: whatever comes from here is the program's own word, and runner.py takes it as that. A program that a limit or
a signal ends leaves nothing.

    hooks.py cprofile|lines|memory
"""

import builtins
import cProfile
import json
import os
import sys
import threading
import tracemalloc
import types

ROWS = 200
PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "solve.py")
LEAVE = os.path.join(os.environ["TMPDIR"], "hooks.json")


class Calls:
    """Of each function how often it was called, and the seconds in it: its own, and with what it called."""

    def __init__(self):
        self.profile = cProfile.Profile()

    def start(self):
        self.profile.enable()

    def stop(self):
        self.profile.disable()

    def rows(self):
        for entry in sorted(self.profile.getstats(), key=lambda entry: -entry.inlinetime):
            code = entry.code
            where = ("", 0, code) if isinstance(code, str) else (code.co_filename, code.co_firstlineno, code.co_name)
            yield [*where, entry.callcount, entry.inlinetime, entry.totaltime]


class Lines:
    """Of each line of the program how often it began."""

    def __init__(self):
        self.counts = {}

    def trace(self, frame, event, _):
        if frame.f_code.co_filename != PATH:
            return None
        if event == "line":
            key = frame.f_lineno, frame.f_code.co_name
            self.counts[key] = self.counts.get(key, 0) + 1
        return self.trace

    def start(self):
        threading.settrace(self.trace)
        sys.settrace(self.trace)

    def stop(self):
        sys.settrace(None)
        threading.settrace(None)

    def rows(self):
        for (line, function), count in sorted(self.counts.items(), key=lambda item: -item[1]):
            yield [PATH, line, function, count]


class Memory:
    """Of each line the bytes, and the blocks, that it allocated and that were still there at the end."""

    def start(self):
        tracemalloc.start()

    def stop(self):
        self.snapshot = tracemalloc.take_snapshot()
        tracemalloc.stop()

    def rows(self):
        for entry in self.snapshot.statistics("lineno"):
            frame = entry.traceback[0]
            yield [frame.filename, frame.lineno, "", entry.size, entry.count]


def main(name):
    hook = {"cprofile": Calls, "lines": Lines, "memory": Memory}[name]()
    with open(PATH, "rb") as file:
        code = compile(file.read(), PATH, "exec", dont_inherit=True)
    program = types.ModuleType("__main__")
    program.__dict__.update(__file__=PATH, __builtins__=builtins)
    sys.modules["__main__"] = program
    sys.argv[:] = [PATH]
    hook.start()
    try:
        exec(code, program.__dict__)
    finally:
        hook.stop()
        rows = [["solve.py" if row[0] == PATH else row[0], *row[1:]] for row, _ in zip(hook.rows(), range(ROWS))]
        with open(LEAVE, "w", encoding="utf-8") as out:
            json.dump(rows, out)


if __name__ == "__main__":
    main(sys.argv[1])
