# SPDX-License-Identifier: Apache-2.0
# attack: very deep recursion in Python and C before a refused call: bounded, and the log stays whole
# class: log
# wins: log
# native: n/a: there is no stack reader without proctor
# limits: wall=20
from kit import *

tried()
sys.setrecursionlimit(100000)
threading.stack_size(256 << 20)


def down(n):
    return openat(SECRET) if n == 0 else down(n - 1)


def mixed(n):
    return openat(SECRET) if n == 0 else list(map(mixed, [n - 1]))


def run():
    for depth in (1, 255, 256, 257, 20000):
        down(depth)
    mixed(500)


t = threading.Thread(target=run)
t.start()
t.join()
