# SPDX-License-Identifier: Apache-2.0
"""Reads lines with input(), as judge programs do: an ioctl(TCGETS) for each. Prints nanoseconds."""
import time

begin = time.perf_counter_ns()
total = 0
try:
    while True:
        total += int(input())
except EOFError:
    pass
print(time.perf_counter_ns() - begin, total)
