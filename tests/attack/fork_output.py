# SPDX-License-Identifier: Apache-2.0
# attack: output by many children, each of them beneath the limit
# class: processes
# wins: limit
# limits: out=100000 wall=6
# options: --process fork
# verdict: OL
from kit import *

tried()
for _ in range(30):
    if os.fork() == 0:
        for _ in range(9):
            os.write(1, b'x' * 10000 + b'\n')
        os._exit(0)
time.sleep(1)
