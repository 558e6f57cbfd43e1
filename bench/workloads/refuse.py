# SPDX-License-Identifier: Apache-2.0
"""Asks COUNT times for a file that it does not get, some frames deep. Prints nanoseconds per try."""
import os
import sys
import time


def ask(path):
    try:
        os.close(os.open(path, os.O_RDONLY))
    except OSError:
        return 1
    return 0


def many(path, count):
    return sum(ask(path) for _ in range(count))


def main():
    path, count = sys.argv[1], int(sys.argv[2])
    begin = time.perf_counter_ns()
    refused = many(path, count)
    taken = time.perf_counter_ns() - begin
    assert refused == count, "the file was opened"
    print(taken / count)


main()
