# SPDX-License-Identifier: Apache-2.0
# attack: stdin is a terminal that can be written to as well: output through descriptor 0
# class: output
# wins: limit
# stdin: tty
# limits: out=200000 wall=6
# verdict: OL
from kit import *

tried()
while True:
    sc('write', 0, b'o' * 4096, 4096)
