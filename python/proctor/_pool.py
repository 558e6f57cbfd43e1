# SPDX-License-Identifier: Apache-2.0
"""Interpreters that are held already, for many runs."""

from __future__ import annotations

import asyncio
import secrets
import socket
import subprocess
import tempfile
import threading
import time
from types import TracebackType
from typing import IO, Any, Iterable, Optional, Type

from ._call import StrPath, find, words
from ._errors import RunError, error_of
from ._run import Program, RunResult, run, run_async

START_S = 20.0


class Pool:
    """Holds an interpreter with modules imported, and runs scripts from there (proctor-pool(1)).

    >>> with Pool(preload=["decimal"]) as pool:  # doctest: +SKIP
    ...     pool.run("script.py").status
    'OK'

    QUICK: finalisation is left out where nobody could tell. PRELOAD is imported outside any sandbox. A run that cannot
    begin from it is executed, as by run(); `result.verdict.raw["warm"]` says which it was, and why. Threads and tasks
    may use one pool together. Should this process end without close(), its pool ends too.
    """

    def __init__(self, *, preload: Iterable[str] = (), quick: bool = False, python: Optional[StrPath] = None,
                 renew_runs: Optional[int] = None, renew_after: Optional[str] = None,
                 binary: Optional[StrPath] = None) -> None:  # fmt: skip
        self._binary = binary
        self._python = python
        self._options = [("mode", "quick" if quick else "exact"), ("python", python), ("renew-runs", renew_runs),
                         ("renew-after", renew_after), *[("preload", name) for name in preload]]  # fmt: skip
        self._lock = threading.Lock()
        self._child: Optional[subprocess.Popen[bytes]] = None
        self._name = ""

    @property
    def warm(self) -> str:
        """What run(), judge() and batch() take as WARM to begin from this pool."""
        if not self._name:
            raise RuntimeError("the pool has not been started, or is closed")
        return self._name

    def start(self) -> "Pool":
        """Starts it; `with` does that too."""
        with self._lock:
            if self._child is None:
                self._start()
        return self

    def _start(self) -> None:
        name = f"@proctor-pool-{secrets.token_hex(16)}"
        argv = [find(self._binary), "pool", "--quiet", "--end-with-stdin", f"--listen={name}", *words(self._options)]
        with tempfile.TemporaryFile() as said:
            # Its end of this pipe is closed when this process ends, however it does.
            child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said)
            try:
                self._wait_for(name, child, said)
            except BaseException:
                _end(child)
                raise
        self._child, self._name = child, name

    def _wait_for(self, name: str, child: "subprocess.Popen[bytes]", said: IO[bytes]) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if child.poll() is not None:
                said.seek(0)
                raise error_of(child.returncode, said.read())
            with socket.socket(socket.AF_UNIX) as probe:
                try:
                    probe.connect("\0" + name[1:])
                    return
                except ConnectionRefusedError:
                    time.sleep(0.005)
        raise RunError("the pool does not start")

    def close(self) -> None:
        """Ends it. Runs that have begun go on."""
        with self._lock:
            child, self._child, self._name = self._child, None, ""
        if child is not None:
            _end(child)

    def run(self, program: Program, **options: Any) -> RunResult:
        """run() from this pool; OPTIONS are its options, but for WARM."""
        return run(program, warm=self.warm, **self._with_own(options))

    async def run_async(self, program: Program, **options: Any) -> RunResult:
        """The same, for asyncio."""
        return await run_async(program, warm=self.warm, **self._with_own(options))

    def _with_own(self, options: "dict[str, Any]") -> "dict[str, Any]":
        return {"python": self._python, "binary": self._binary, **options}

    def __enter__(self) -> "Pool":
        return self.start()

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], where: Optional[TracebackType]) -> None:
        self.close()

    async def __aenter__(self) -> "Pool":
        return await asyncio.to_thread(self.start)

    async def __aexit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException], where: Optional[TracebackType]) -> None:
        await asyncio.to_thread(self.close)


def _end(child: "subprocess.Popen[bytes]") -> None:
    child.terminate()
    if child.stdin:
        child.stdin.close()
    child.wait()


__all__ = ["Pool"]
