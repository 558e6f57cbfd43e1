# SPDX-License-Identifier: Apache-2.0
# attack: a symlink to a directory outside, then down, then up
# class: path
# wins: leak
from kit import *

tried()
take(BOX + '/dir_out/twin.txt')
take(BOX + '/dir_out/sub/../twin.txt')
take(BOX + '/dir_out/../box1/twin.txt')
take(BOX + '/sub/up/box1/twin.txt')
take(BOX + '/rootlink' + SECRET)
