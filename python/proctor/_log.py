# SPDX-License-Identifier: Apache-2.0
"""Reading logs. What is in them was chosen by the program: nothing is believed about its shape."""

from __future__ import annotations

import json
from typing import Any, Iterator

from ._call import StrPath
from ._errors import LogError

_MAX_LINE = 1 << 20


def records(path: StrPath) -> Iterator[dict[str, Any]]:
    """The records of the log at PATH, proctor-log(5), one after the other.

    LogError for a line that is no record, and at the end of a log that has no record "end": it is not whole.
    """
    ended = False
    with open(path, "rb") as log:
        for number in range(1, 1 << 62):
            line = log.readline(_MAX_LINE + 1)
            if not line:
                break
            try:
                record = json.loads(line) if line.endswith(b"\n") and len(line) <= _MAX_LINE else None
            except (ValueError, RecursionError):
                record = None
            if not isinstance(record, dict) or not isinstance(record.get("kind"), str):
                raise LogError(f"{path}:{number}: not a record")
            ended = record["kind"] == "end"
            yield record
    if not ended:
        raise LogError(f"{path}: the log is not complete")
