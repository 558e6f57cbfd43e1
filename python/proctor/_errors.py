# SPDX-License-Identifier: Apache-2.0
"""What may go wrong that is not the program's doing, by proctor's exit status."""

from __future__ import annotations


class ProctorError(Exception):
    """proctor failed, or was called wrongly. `status` is its exit status, None if it never ran."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class NotFoundError(ProctorError):
    """There is no such program, script, problem or file of jobs; or proctor itself is not installed."""


class UsageError(ProctorError, ValueError):
    """Wrong options, a wrong policy, a wrong job or a problem that cannot be judged."""


class HostError(ProctorError):
    """The host lacks what is needed; `proctor doctor` says what."""


class WriteError(ProctorError, OSError):
    """Log, verdict or results could not be written: a full disk, for instance."""

    def __init__(self, message: str, status: int | None = None) -> None:
        ProctorError.__init__(self, message, status)


class RunError(ProctorError):
    """proctor failed in the middle of a run, about which nothing is known then."""


class LogError(ProctorError, ValueError):
    """A log is damaged, or is none."""


_BY_STATUS: dict[int, type[ProctorError]] = {
    64: UsageError,
    65: UsageError,
    66: NotFoundError,
    71: HostError,
    74: WriteError,
    126: NotFoundError,
    127: NotFoundError,
}


def error_of(status: int, stderr: bytes) -> ProctorError:
    """The exception for an exit status of proctor that stands for no verdict."""
    lines = stderr.decode("utf-8", "replace").splitlines()
    said = [line[len("proctor: ") :] for line in lines if line.startswith("proctor: ")] or lines
    message = said[-1] if said else f"proctor ended with status {status}"
    return _BY_STATUS.get(status, RunError)(message, status)
