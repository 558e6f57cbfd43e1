# SPDX-License-Identifier: Apache-2.0
"""What the tests of judge and batch share."""
import json
import subprocess

import schema
from harness import PROCTOR, clean_env, equal, put

_shape = schema.load("result.schema.json")


def judge(*words, **env):
    """`proctor judge` with ENV too, to its end."""
    return subprocess.run([PROCTOR, "judge", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_env(**env), check=False)


def batch(*words, stdin=b"", **popen):
    """`proctor batch` to its end."""
    return subprocess.run(
        [PROCTOR, "batch", *words], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_env(), check=False, **popen
    )


def fill(directory, files):
    """DIRECTORY with FILES, {name: text}."""
    for path, text in files.items():
        put(directory, path, text)
    return directory


def results(directory):
    """The lines of its results.jsonl."""
    with open(directory + "/results.jsonl", encoding="utf-8") as text:
        return [json.loads(line) for line in text]


def offences(lines):
    """Where LINES are not as doc/result.schema.json says."""
    return [told for line in lines for told in schema.offences(line, _shape)]


def judged(directory):
    """{submission: its line}, of one case; that of the syntax only when there is no other."""
    lines = results(directory)
    equal("every line is as the schema says", offences(lines), [])
    return {line["labels"]["submission"]: line for line in sorted(lines, key=lambda line: line["labels"]["case"] != "syntax")}
