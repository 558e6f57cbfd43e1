# SPDX-License-Identifier: Apache-2.0
# attack: a flood of output
# class: output
# wins: limit
# limits: out=200000 wall=8
# verdict: OL
from kit import *

tried()
while True:
    os.write(1, b'x' * 65536)
