# SPDX-License-Identifier: Apache-2.0
"""N threads that open and close a file COUNT times each. Prints nanoseconds per open+close."""
import os
import sys
import threading
import time

path, n, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


def work():
    for _ in range(count):
        os.close(os.open(path, os.O_RDONLY))


threads = [threading.Thread(target=work) for _ in range(n)]
begin = time.perf_counter_ns()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print((time.perf_counter_ns() - begin) / (n * count))
