# SPDX-License-Identifier: Apache-2.0
# attack: another thread flips the path of chdir; then a relative open
# class: race
# wins: leak
# needs: race
from kit import *

buf, at, bits = twin_path(b'')
tried()
f = Flipper(at, bits)


def one(i):
    sc('chdir', buf)
    return took(openat('twin.txt'))


rounds(one)
f.end()
