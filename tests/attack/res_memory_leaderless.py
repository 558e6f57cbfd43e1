# SPDX-License-Identifier: Apache-2.0
# attack: the first thread ends and another one fills memory
# class: resources
# wins: limit
# limits: mem=96 wall=8 tasks=16
# verdict: ML
from kit import *

tried()


def fill():
    time.sleep(0.2)
    keep = []
    for i in range(400):
        keep.append(bytearray(1 << 20))
    time.sleep(1)
    sc('exit_group', 0)


threading.Thread(target=fill).start()
sc('exit', 0)
