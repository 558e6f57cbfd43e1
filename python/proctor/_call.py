# SPDX-License-Identifier: Apache-2.0
"""Finding proctor and running it, with and without asyncio."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from typing import IO, Any, Optional, Sequence, Union

from ._errors import NotFoundError

StrPath = Union[str, "os.PathLike[str]"]


def find(binary: Optional[StrPath]) -> str:
    """The program: what the caller names, else $PROCTOR, else proctor in PATH."""
    named = os.fspath(binary) if binary is not None else os.environ.get("PROCTOR")
    path = shutil.which(named or "proctor")
    if path is None:
        raise NotFoundError(f"{named or 'proctor'}: not found (install it, set PROCTOR, or say binary=)")
    return path


def words(options: Sequence[tuple[str, Any]]) -> list[str]:
    """Options of the command line: those with None are left out, True stands for an option without a value."""
    made: list[str] = []
    for name, value in options:
        if value is None or value is False:
            continue
        made.append(f"--{name}" if value is True else f"--{name}={os.fspath(value) if isinstance(value, os.PathLike) else value}")
    return made


Stream = Union[int, IO[bytes]]


def call(argv: Sequence[str], stdin: Stream, stdout: Stream, stderr: Stream) -> int:
    """Runs ARGV to its end; its status, negative for a signal."""
    child = subprocess.Popen(argv, stdin=stdin, stdout=stdout, stderr=stderr)
    try:
        return child.wait()
    except BaseException:
        child.kill()
        child.wait()
        raise


async def call_async(argv: Sequence[str], stdin: Stream, stdout: Stream, stderr: Stream) -> int:
    """The same, for asyncio. When the task is cancelled, proctor and all that it runs is killed."""
    child = await asyncio.create_subprocess_exec(*argv, stdin=stdin, stdout=stdout, stderr=stderr)
    try:
        return await child.wait()
    except BaseException:
        try:
            child.kill()
        except ProcessLookupError:
            pass
        await child.wait()
        raise
