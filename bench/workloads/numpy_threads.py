# SPDX-License-Identifier: Apache-2.0
"""Four Python threads that multiply matrices with numpy. Prints nanoseconds, imports left out."""
import sys
import threading
import time

import numpy

rounds = int(sys.argv[1])


def work(seed):
    a = numpy.full((300, 300), float(seed))
    for _ in range(rounds):
        b = a @ a
        numpy.sort(b, axis=None)
    assert b[0, 0] == 300.0 * seed * seed


threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 5)]
begin = time.perf_counter_ns()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(time.perf_counter_ns() - begin)
