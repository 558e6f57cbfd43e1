# SPDX-License-Identifier: Apache-2.0
# attack: the first thread ends and another one floods stdout: whose descriptors are looked at?
# class: output
# wins: limit
# limits: out=200000 wall=8 tasks=16
# verdict: OL
from kit import *

tried()


def flood():
    time.sleep(0.2)
    while True:
        os.write(1, b'x' * 65536)


threading.Thread(target=flood).start()
sc('exit', 0)
