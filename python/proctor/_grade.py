# SPDX-License-Identifier: Apache-2.0
"""Many runs: submissions through the cases of a problem, and batches of jobs."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
from dataclasses import dataclass, field
from typing import IO, Any, Iterable, Iterator, Mapping, Optional, Sequence, Union

from ._call import StrPath, call, call_async, find, words
from ._errors import RunError, error_of
from ._run import Limits


@dataclass(frozen=True)
class Group:
    """A group of cases of a problem that has scores."""

    name: str
    score: Optional[float]
    max_score: Optional[float]
    passed: bool


@dataclass(frozen=True)
class Judgement:
    """What a submission came to. `first` is the case that `verdict` is of, None with AC and CE."""

    name: str
    verdict: str
    cases_run: int
    cases: int
    cpu_ns: int
    memory_bytes: int
    first: Optional[str]
    cause: Optional[str]
    as_wanted: bool
    #: Of a problem that has scores; None: the submission has none, or there is no greatest one.
    score: Optional[float] = None
    max_score: Optional[float] = None
    groups: Sequence[Group] = ()


@dataclass(frozen=True)
class JudgeReport:
    submissions: Sequence[Judgement]

    def __getitem__(self, name: str) -> Judgement:
        for submission in self.submissions:
            if submission.name == name:
                return submission
        raise KeyError(name)


@dataclass(frozen=True)
class Result:
    """A line of results.jsonl, proctor-batch(1). `raw` is all of it."""

    id: str
    verdict: str
    reason: Optional[str]
    labels: Mapping[str, str]
    directory: str
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def score(self) -> Optional[float]:
        """Of a case of a problem that has scores."""
        return self.raw.get("score")


@dataclass(frozen=True)
class BatchReport:
    """A batch that has come to its end."""

    directory: str
    verdicts: Mapping[str, int]

    def __iter__(self) -> Iterator[Result]:
        """The results, in the order in which the runs ended; they are read from the file one by one."""
        with open(os.path.join(self.directory, "results.jsonl"), encoding="utf-8") as lines:
            for line in lines:
                raw = json.loads(line)
                where = os.path.join(self.directory, raw["run"]["directory"])
                yield Result(raw["id"], raw["verdict"], raw["reason"], raw["labels"], where, raw)


def _options(jobs: Optional[int], checker: Optional[str], limits: Optional[Limits], policy: Optional[StrPath], read: Iterable[StrPath],
             python: Optional[StrPath], resume: bool) -> list[tuple[str, Any]]:  # fmt: skip
    made: list[tuple[str, Any]] = [("jobs", jobs), ("checker", checker), ("policy", policy), ("python", python), ("resume", resume)]
    made += [("read", path) for path in read]
    return made + (limits.options() if limits else [])


def _judgement(told: Mapping[str, Any]) -> Judgement:
    members = {name: told[name] for name in Judgement.__dataclass_fields__ if name in told}
    members["groups"] = [Group(**{name: group[name] for name in Group.__dataclass_fields__}) for group in told.get("groups", ())]
    return Judgement(**members)


class _Judge:
    def __init__(self, stack: contextlib.ExitStack, problem: StrPath, submissions: Iterable[StrPath], directory: Optional[StrPath], all_cases: bool,
                 options: list[tuple[str, Any]], binary: Optional[StrPath]) -> None:  # fmt: skip
        self.stdout: IO[bytes] = stack.enter_context(tempfile.TemporaryFile())
        self.stderr: IO[bytes] = stack.enter_context(tempfile.TemporaryFile())
        options = [*options, ("directory", directory), ("until", "all" if all_cases else None), ("json", True), ("quiet", True)]
        self.argv = [find(binary), "judge", *words(options), "--", os.fspath(problem), *[os.fspath(path) for path in submissions]]

    def result(self, status: int) -> JudgeReport:
        self.stdout.seek(0)
        self.stderr.seek(0)
        if status not in (0, 1):
            raise error_of(status, self.stderr.read())
        try:
            told = json.loads(self.stdout.read())["submissions"]
        except (ValueError, KeyError) as error:
            raise RunError(f"the table cannot be read: {error!r}", status) from None
        try:
            return JudgeReport([_judgement(one) for one in told])
        except (KeyError, TypeError) as error:
            raise RunError(f"the table is not as it should be: {error!r}", status) from None


def judge(
    problem: StrPath,
    submissions: Iterable[StrPath],
    *,
    directory: Optional[StrPath] = None,
    jobs: Optional[int] = None,
    all_cases: bool = False,
    checker: Optional[str] = None,
    limits: Optional[Limits] = None,
    policy: Optional[StrPath] = None,
    read: Iterable[StrPath] = (),
    python: Optional[StrPath] = None,
    resume: bool = False,
    binary: Optional[StrPath] = None,
) -> JudgeReport:
    """Judges SUBMISSIONS, files or folders, by PROBLEM; proctor-judge(1). DIRECTORY keeps logs, verdicts and outputs."""
    with contextlib.ExitStack() as stack:
        options = _options(jobs, checker, limits, policy, read, python, resume)
        made = _Judge(stack, problem, submissions, directory, all_cases, options, binary)
        return made.result(call(made.argv, subprocess.DEVNULL, made.stdout, made.stderr))


async def judge_async(
    problem: StrPath,
    submissions: Iterable[StrPath],
    *,
    directory: Optional[StrPath] = None,
    jobs: Optional[int] = None,
    all_cases: bool = False,
    checker: Optional[str] = None,
    limits: Optional[Limits] = None,
    policy: Optional[StrPath] = None,
    read: Iterable[StrPath] = (),
    python: Optional[StrPath] = None,
    resume: bool = False,
    binary: Optional[StrPath] = None,
) -> JudgeReport:
    """judge() for asyncio. When the task is cancelled, everything that runs is killed."""
    with contextlib.ExitStack() as stack:
        options = _options(jobs, checker, limits, policy, read, python, resume)
        made = _Judge(stack, problem, submissions, directory, all_cases, options, binary)
        return made.result(await call_async(made.argv, subprocess.DEVNULL, made.stdout, made.stderr))


Jobs = Union[str, "os.PathLike[str]", Iterable[Mapping[str, Any]]]


class _Batch:
    def __init__(self, stack: contextlib.ExitStack, batch: Jobs, directory: StrPath, options: list[tuple[str, Any]],
                 binary: Optional[StrPath]) -> None:  # fmt: skip
        self.directory = os.fspath(directory)
        self.stderr: IO[bytes] = stack.enter_context(tempfile.TemporaryFile())
        if isinstance(batch, (str, os.PathLike)):
            path = os.fspath(batch)
        else:
            file = stack.enter_context(tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".jsonl"))
            for one in batch:
                json.dump(one, file)
                file.write("\n")
            file.flush()
            path = file.name
        self.argv = [find(binary), "batch", *words([*options, ("directory", directory), ("quiet", True)]), "--", path]

    def result(self, status: int) -> BatchReport:
        self.stderr.seek(0)
        if status not in (0, 1):
            raise error_of(status, self.stderr.read())
        try:
            with open(os.path.join(self.directory, "summary.json"), encoding="utf-8") as text:
                verdicts = json.load(text)["verdicts"]
        except (OSError, ValueError, KeyError) as error:
            raise RunError(f"the summary cannot be read: {error!r}", status) from None
        return BatchReport(self.directory, {name: n for name, n in verdicts.items() if n})


def batch(
    batch: Jobs,
    directory: StrPath,
    *,
    jobs: Optional[int] = None,
    checker: Optional[str] = None,
    limits: Optional[Limits] = None,
    policy: Optional[StrPath] = None,
    read: Iterable[StrPath] = (),
    python: Optional[StrPath] = None,
    resume: bool = False,
    binary: Optional[StrPath] = None,
) -> BatchReport:
    """Runs BATCH, a file of jobs or jobs as dictionaries, JOBS at a time; proctor-batch(1). Results go to DIRECTORY."""
    with contextlib.ExitStack() as stack:
        made = _Batch(stack, batch, directory, _options(jobs, checker, limits, policy, read, python, resume), binary)
        return made.result(call(made.argv, subprocess.DEVNULL, subprocess.DEVNULL, made.stderr))


async def batch_async(
    batch: Jobs,
    directory: StrPath,
    *,
    jobs: Optional[int] = None,
    checker: Optional[str] = None,
    limits: Optional[Limits] = None,
    policy: Optional[StrPath] = None,
    read: Iterable[StrPath] = (),
    python: Optional[StrPath] = None,
    resume: bool = False,
    binary: Optional[StrPath] = None,
) -> BatchReport:
    """batch() for asyncio. When the task is cancelled, everything that runs is killed; resume=True goes on."""
    with contextlib.ExitStack() as stack:
        made = _Batch(stack, batch, directory, _options(jobs, checker, limits, policy, read, python, resume), binary)
        return made.result(await call_async(made.argv, subprocess.DEVNULL, subprocess.DEVNULL, made.stderr))
