# SPDX-License-Identifier: Apache-2.0
# attack: a flood of output into a terminal, through each of its numbers
# class: output
# wins: limit
# stdin: tty
# stdout: tty
# limits: out=200000 wall=8
# verdict: OL
from kit import *

tried()
while True:
    for fd in (1, 0, os.dup(1)):
        sc('write', fd, b'm' * 4096, 4096)
    sc('close', fd)
