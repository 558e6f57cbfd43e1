# SPDX-License-Identifier: Apache-2.0
# attack: .. behind a symlink, which as text would stay inside
# class: path
# wins: leak
from kit import *

tried()
take(BOX + '/dir_out/sub/deeper/../../twin.txt')
take(BOX + '/odd/parent/../box1/twin.txt')
take(BOX + '/abs_dir_out/../box1/sub/../twin.txt')
