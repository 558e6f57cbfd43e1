# SPDX-License-Identifier: Apache-2.0
"""One run of one program."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
from dataclasses import dataclass, field, fields
from typing import IO, Any, Iterable, Mapping, Optional, Sequence, Union

from ._call import StrPath, call, call_async, find, words
from ._errors import ProctorError, RunError, error_of


@dataclass(frozen=True)
class Limits:
    """Limits as the command line takes them: times such as "2s", sizes such as "256MiB", counts. None: the policy's."""

    cpu: Optional[str] = None
    wall: Optional[str] = None
    memory: Optional[str] = None
    output: Optional[str] = None
    tasks: Union[int, str, None] = None
    files: Union[int, str, None] = None

    def options(self) -> list[tuple[str, Any]]:
        return [(f.name, getattr(self, f.name)) for f in fields(self)]


#: What run() has where the caller says nothing: a program must come to an end, and its output fit into memory.
DEFAULT_LIMITS = Limits(cpu="10s", wall="60s", memory="512MiB", output="64MiB")


@dataclass(frozen=True)
class Violation:
    """A call that was refused."""

    action: str
    path: Optional[str]
    code: Optional[str]
    seq: int


@dataclass(frozen=True)
class Cause:
    """What ended the program: "refusal", "limit", "policy", "signal", "exception", "exit" or "proctor"."""

    kind: str
    certain: bool
    seq: Optional[int]


@dataclass(frozen=True)
class Verdict:
    """proctor-verdict(5). `raw` is all of it, with limits, hashes and the host. None: it is not known."""

    status: str
    exit_code: Optional[int]
    exit_signal: Optional[str]
    cpu_ns: int
    wall_ns: int
    memory_bytes: int
    violations: int
    first_violation: Optional[Violation]
    limit: Optional[str]
    user_ns: Optional[int]
    system_ns: Optional[int]
    tasks_peak: int
    stdin_bytes: Optional[int]
    output_bytes: Optional[int]
    refusals: Mapping[str, int]
    cause: Cause
    student: str
    staff: str
    raw: Mapping[str, Any] = field(repr=False)

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> "Verdict":
        try:
            first = raw["first_violation"]
            return cls(
                status=raw["status"],
                exit_code=raw["exit"]["code"],
                exit_signal=raw["exit"]["signal"],
                cpu_ns=raw["cpu_ns"],
                wall_ns=raw["wall_ns"],
                memory_bytes=raw["memory_bytes"],
                violations=raw["violations"],
                first_violation=first and Violation(first["action"], first["path"], first["code"], first["seq"]),
                limit=raw.get("limit", {}).get("name"),
                user_ns=raw["user_ns"],
                system_ns=raw["system_ns"],
                tasks_peak=raw["tasks_peak"],
                stdin_bytes=raw["stdin_bytes"],
                output_bytes=raw["output_bytes"],
                refusals=raw["refusals"],
                cause=Cause(raw["cause"]["kind"], raw["cause"]["certain"], raw["cause"].get("seq")),
                student=raw["messages"]["student"],
                staff=raw["messages"]["staff"],
                raw=raw,
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise RunError(f"the verdict is not as it should be: {error!r}") from None


@dataclass(frozen=True)
class RunResult:
    """What became of a program."""

    verdict: Verdict
    stdout: bytes = field(repr=False)
    stderr: bytes = field(repr=False)

    @property
    def status(self) -> str:
        """OK, RE, SG, TO, ML, OL or PV."""
        return self.verdict.status

    @property
    def ok(self) -> bool:
        return self.verdict.status == "OK"


Program = Union[str, "os.PathLike[str]", Sequence[str]]
Input = Union[bytes, str, "os.PathLike[str]", None]


class _Run:
    """A call of `proctor run` that is made ready, and read when it has ended."""

    def __init__(self, stack: contextlib.ExitStack, program: Program, stdin: Input, binary: Optional[StrPath], log: Optional[StrPath],
                 limits: Optional[Limits], policy: Optional[StrPath], read: Iterable[StrPath], env: Mapping[str, str],
                 python: Optional[StrPath], id: Optional[str], labels: Mapping[str, str], calls: Optional[str],
                 log_max: Optional[str], log_version: Optional[int], stack_for: Optional[str], profile: Union[bool, int],
                 profile_clock: Optional[str], scratch: Union[bool, str], collect: Mapping[str, StrPath],
                 warm: Optional[StrPath]) -> None:  # fmt: skip
        self.directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="proctor-run-"))
        self.verdict_path = os.path.join(self.directory, "verdict.json")
        self.stdin = self._input(stack, stdin)
        self.stdout: IO[bytes] = stack.enter_context(tempfile.TemporaryFile(dir=self.directory))
        self.stderr: IO[bytes] = stack.enter_context(tempfile.TemporaryFile(dir=self.directory))
        if limits is None:
            limits = DEFAULT_LIMITS if policy is None else Limits()
        if isinstance(program, (str, os.PathLike)):
            argv = [os.fspath(program)]
        else:
            argv = [os.fspath(word) for word in program]
        options: list[tuple[str, Any]] = [("exit", "judged"), ("verdict", self.verdict_path), ("log", log), ("policy", policy)]
        options += [("python", python), ("id", id), ("calls", calls), ("log-max", log_max), ("warm", warm), *limits.options()]
        options += [("log-version", log_version), ("stack-for", stack_for), ("profile", profile)]
        options += [("profile-clock", profile_clock), ("scratch", scratch)]
        options += [("collect", f"{pattern}={os.fspath(path)}") for pattern, path in collect.items()]
        options += [("read", path) for path in read]
        options += [("env", f"{name}={value}") for name, value in env.items()]
        options += [("label", f"{name}={value}") for name, value in labels.items()]
        self.argv = [find(binary), "run", "--quiet", *words(options), "--", *argv]

    def _input(self, stack: contextlib.ExitStack, stdin: Input) -> Union[int, IO[bytes]]:
        if stdin is None:
            return subprocess.DEVNULL
        if isinstance(stdin, os.PathLike):
            return stack.enter_context(open(stdin, "rb"))
        path = os.path.join(self.directory, "stdin")
        with open(path, "wb") as out:
            out.write(stdin.encode() if isinstance(stdin, str) else stdin)
        # Opened for reading alone: what the program gets cannot be written to.
        return stack.enter_context(open(path, "rb"))

    def result(self, status: int) -> RunResult:
        said = []
        for stream in self.stdout, self.stderr:
            stream.seek(0)
            said.append(stream.read())
        try:
            with open(self.verdict_path, encoding="utf-8") as text:
                raw = json.load(text)
        except FileNotFoundError:
            raise error_of(status, said[1]) from None
        except ValueError as error:
            raise RunError(f"the verdict cannot be read: {error}", status) from None
        if status != 0 or raw.get("status") == "XX":
            failed = error_of(status, b"")
            raise type(failed)(str(raw.get("error") or failed), status)
        return RunResult(Verdict.from_json(raw), *said)


def run(
    program: Program,
    *,
    stdin: Input = None,
    limits: Optional[Limits] = None,
    policy: Optional[StrPath] = None,
    read: Iterable[StrPath] = (),
    env: Mapping[str, str] = {},
    python: Optional[StrPath] = None,
    log: Optional[StrPath] = None,
    calls: Optional[str] = None,
    id: Optional[str] = None,
    labels: Mapping[str, str] = {},
    log_max: Optional[str] = None,
    log_version: Optional[int] = None,
    stack_for: Optional[str] = None,
    profile: Union[bool, int] = False,
    profile_clock: Optional[str] = None,
    scratch: Union[bool, str] = False,
    collect: Mapping[str, StrPath] = {},
    warm: Optional[StrPath] = None,
    binary: Optional[StrPath] = None,
) -> RunResult:
    """Runs PROGRAM, a script or a list of words, and returns what became of it.

    STDIN is bytes, a text, or a path (an os.PathLike) of a file; None is nothing. LOG is where the log goes, a
    file that must not exist. LIMITS, where None, are DEFAULT_LIMITS, or those of POLICY when one is named.
    PROFILE, samples a second or True, puts a record "profile" into the log, of what runs, or with PROFILE_CLOCK "wall"
    of what waits too. SCRATCH, a size or True, gives the program a private directory; COLLECT copies the files there
    that a pattern matches to a directory: {"*.png": "plots"}.
    The others are options of proctor-run(1) by the same names.
    """
    with contextlib.ExitStack() as stack:
        made = _Run(stack, program, stdin, binary, log, limits, policy, read, env, python, id, labels, calls,
                    log_max, log_version, stack_for, profile, profile_clock, scratch, collect, warm)  # fmt: skip
        return made.result(call(made.argv, made.stdin, made.stdout, made.stderr))


async def run_async(
    program: Program,
    *,
    stdin: Input = None,
    limits: Optional[Limits] = None,
    policy: Optional[StrPath] = None,
    read: Iterable[StrPath] = (),
    env: Mapping[str, str] = {},
    python: Optional[StrPath] = None,
    log: Optional[StrPath] = None,
    calls: Optional[str] = None,
    id: Optional[str] = None,
    labels: Mapping[str, str] = {},
    log_max: Optional[str] = None,
    log_version: Optional[int] = None,
    stack_for: Optional[str] = None,
    profile: Union[bool, int] = False,
    profile_clock: Optional[str] = None,
    scratch: Union[bool, str] = False,
    collect: Mapping[str, StrPath] = {},
    warm: Optional[StrPath] = None,
    binary: Optional[StrPath] = None,
) -> RunResult:
    """run() for asyncio. When the task is cancelled, the program is killed."""
    with contextlib.ExitStack() as stack:
        made = _Run(stack, program, stdin, binary, log, limits, policy, read, env, python, id, labels, calls,
                    log_max, log_version, stack_for, profile, profile_clock, scratch, collect, warm)  # fmt: skip
        return made.result(await call_async(made.argv, made.stdin, made.stdout, made.stderr))


__all__ = ["Cause", "Limits", "ProctorError", "RunResult", "Verdict", "Violation", "run", "run_async"]
