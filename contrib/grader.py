#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""grader.py PROBLEM SUBMISSIONS: a table of points, as CSV; the Python package proctor has to be installed.

PROBLEM is a folder with 1.in, 1.ans, 2.in ... or a problem package; SUBMISSIONS has a file or a folder for each student.
Each case is worth the same. "why" is for whoever grades: it may name files that students do not know.
"""

import csv
import json
import pathlib
import sys
import tempfile

import proctor


def main(problem, submissions):
    students = sorted(p for p in pathlib.Path(submissions).iterdir() if p.is_dir() or p.suffix == ".py")
    table = csv.writer(sys.stdout)
    table.writerow(["student", "verdict", "points", "of", "first that failed", "why"])
    with tempfile.TemporaryDirectory() as directory:
        report = proctor.judge(problem, students, directory=directory, all_cases=True)
        runs = [json.loads(line) for line in pathlib.Path(directory, "results.jsonl").read_text().splitlines()]
        right = [run["labels"]["submission"] for run in runs if run["verdict"] == "AC"]
    for judged in report.submissions:
        table.writerow([judged.name, judged.verdict, right.count(judged.name), judged.cases, judged.first, judged.cause])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
