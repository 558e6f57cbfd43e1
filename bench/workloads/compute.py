# SPDX-License-Identifier: Apache-2.0
"""Pure computation. Prints the nanoseconds that it took, by the wall and by the CPU's clock."""
import sys
import time

LIMIT = 20000


def primes():
    sieve = bytearray([1]) * LIMIT
    sieve[0:2] = b"\0\0"
    for n in range(2, 142):
        if sieve[n]:
            sieve[n * n::n] = bytes(len(range(n * n, LIMIT, n)))
    return sum(sieve)


def collatz():
    longest = 0
    for start in range(1, 3000):
        n, steps = start, 0
        while n != 1:
            n = 3 * n + 1 if n & 1 else n >> 1
            steps += 1
        longest = max(longest, steps)
    return longest


rounds = int(sys.argv[1])
wall, cpu = time.perf_counter_ns(), time.process_time_ns()
for _ in range(rounds):
    assert primes() == 2262 and collatz() == 216
print(time.perf_counter_ns() - wall, time.process_time_ns() - cpu)
