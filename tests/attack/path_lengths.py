# SPDX-License-Identifier: Apache-2.0
# attack: paths of exactly the greatest length and one more, padded to lead out
# class: path
# wins: leak
from kit import *

tried()
for total in (4094, 4095, 4096, 4097, 8192, 255, 256):
    for base, tail in ((BOX + '/', '../box1/twin.txt'), (OUT + '/', 'twin.txt')):
        pad = total - len(base) - len(tail)
        if pad >= 0:
            take(base + ('./' * pad)[:pad // 2 * 2] + '/' * (pad % 2) + tail)
            take(base + '/' * pad + tail)
deep = BOX + '/sub/' + 'deeper/../' * 380 + '../../box1/twin.txt'
take(deep)
