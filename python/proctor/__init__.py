# SPDX-License-Identifier: Apache-2.0
"""Calls proctor: runs an untrusted Python program, judges submissions, works through a batch of jobs.

    >>> import proctor
    >>> result = proctor.run(["python3", "-c", "print(1 + 1)"])
    >>> result.status, result.stdout
    ('OK', b'2\\n')

`run()`, `judge()` and `batch()` have twins for asyncio: `run_async()`, `judge_async()`, `batch_async()`. A
`Pool` holds an interpreter that many runs begin from. What
becomes of a program is a result; an exception says that proctor was called wrongly or failed itself.
"""

from ._errors import HostError, LogError, NotFoundError, ProctorError, RunError, UsageError, WriteError
from ._grade import BatchReport, Group, Judgement, JudgeReport, Result, batch, batch_async, judge, judge_async
from ._log import records
from ._pool import Pool
from ._run import Cause, Limits, RunResult, Verdict, Violation, run, run_async

__all__ = [
    "BatchReport",
    "Cause",
    "Group",
    "HostError",
    "JudgeReport",
    "Judgement",
    "Limits",
    "LogError",
    "NotFoundError",
    "Pool",
    "ProctorError",
    "Result",
    "RunError",
    "RunResult",
    "UsageError",
    "Verdict",
    "Violation",
    "WriteError",
    "batch",
    "batch_async",
    "judge",
    "judge_async",
    "records",
    "run",
    "run_async",
]
__version__ = "0.1.0"
