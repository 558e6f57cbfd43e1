# SPDX-License-Identifier: Apache-2.0
"""What really ended the program, as seen from inside: a hook tells the exception on standard error.

One line, "TRUTH " and the repr() of a dict: of the exception, of those above it in the printed chain, and of
the members of a group.
"""
import os
import sys

_forks = []  # from the process that loaded this
_own = 0  # how many of them made the program's first process
os.register_at_fork(after_in_child=lambda: _forks.append(os.getpid()))
_write = os.write


def _frames(tb):
    found = []
    while tb is not None:
        code = tb.tb_frame.f_code
        found.append([code.co_filename, tb.tb_lineno or 0, getattr(code, "co_qualname", code.co_name)])
        tb = tb.tb_next
    return found


def _text(value):
    return value if isinstance(value, str) else None


def _plain(error, tb):
    kind = type(error)
    told = {
        "type": kind.__qualname__,
        "module": _text(kind.__module__),
        "frames": _frames(tb),
    }
    try:
        told["message"] = str(error)
    except BaseException:
        told["message"] = None
    if isinstance(error, OSError):
        told["errno"] = error.errno if isinstance(error.errno, int) else None
        told["filename"] = None if error.filename is None else str(error.filename)
    if isinstance(error, SyntaxError):
        told["filename"], told["lineno"], told["text"] = _text(error.filename), error.lineno, _text(error.text)
    if isinstance(error, ImportError) or sys.version_info >= (3, 10) and isinstance(error, (NameError, AttributeError)):
        told["name"] = _text(error.name)
    notes = getattr(error, "__dict__", {}).get("__notes__")
    if sys.version_info >= (3, 11) and isinstance(notes, (list, tuple)):
        told["notes"] = [note for note in notes if type(note) is str]
    return told


def _link(error):
    if error.__cause__ is not None:
        return "cause", error.__cause__
    return "suppressed" if error.__suppress_context__ else "context", error.__context__


def _chain(error):
    found, seen = [], [error]
    while len(found) < 8:
        by, error = _link(error)
        if error is None or any(error is one for one in seen):
            break
        seen.append(error)
        found.append(dict(_plain(error, error.__traceback__), by=by))
    return found


def _tell(kind, error, tb):
    told = _plain(error, tb)
    told["chain"] = _chain(error)
    if sys.version_info >= (3, 11) and isinstance(error, BaseExceptionGroup):
        told["group"] = [_plain(one, one.__traceback__) for one in error.exceptions[:16]]
    return told


def _hook(kind, error, tb):
    if len(_forks) == _own:
        sys.setrecursionlimit(sys.getrecursionlimit() + 2000)
        line = ("TRUTH " + repr(_tell(kind, error, tb)) + "\n").encode("utf-8", "backslashreplace")
        while line:
            line = line[_write(2, line):]
    if tell_only:
        return
    sys.__excepthook__(kind, error, tb)


tell_only = False
sys.excepthook = _hook
