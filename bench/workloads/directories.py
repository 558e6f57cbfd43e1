# SPDX-License-Identifier: Apache-2.0
"""Holds N directories open and asks for a file in each by its descriptor, COUNT times in all.
Prints nanoseconds per stat."""
import os
import sys
import time

tree, n, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
directories = [os.open(tree, os.O_RDONLY | os.O_DIRECTORY) for _ in range(n)]
begin = time.perf_counter_ns()
for i in range(count):
    os.stat("0.txt", dir_fd=directories[i % n])
print((time.perf_counter_ns() - begin) / count)
