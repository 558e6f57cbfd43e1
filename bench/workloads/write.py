# SPDX-License-Identifier: Apache-2.0
"""Writes beneath DIRECTORY, N times: small files, blocks of 1 MiB of one file or by two threads to two, or rows of a
table of sqlite, each in a transaction of its own. Removes what it made. Prints the nanoseconds that one took."""
import os
import shutil
import sqlite3
import sys
import threading
import time

what, directory, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
room = os.path.join(directory, f"{what}-{os.getpid()}")
os.mkdir(room)
os.chdir(room)


def small():
    for i in range(n):
        with open(str(i), "w", encoding="ascii") as file:
            file.write("x" * 100)


def blocks(name="file", times=n):
    block = b"x" * (1 << 20)
    with open(name, "wb", 0) as file:
        for _ in range(times):
            file.write(block)


def threads():
    both = [threading.Thread(target=blocks, args=(name, n // 2)) for name in ("one", "two")]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()


def rows():
    table = sqlite3.connect("table")
    table.execute("pragma synchronous = off")
    table.execute("create table t (a, b)")
    for i in range(n):
        table.execute("insert into t values (?, ?)", (i, "x" * 100))
        table.commit()
    table.close()


begin = time.perf_counter_ns()
{"small": small, "blocks": blocks, "threads": threads, "rows": rows}[what]()
print((time.perf_counter_ns() - begin) / n)
os.chdir(directory)
shutil.rmtree(room)
