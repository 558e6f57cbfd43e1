# SPDX-License-Identifier: Apache-2.0
# attack: an absolute symlink in the granted directory that leads out
# class: path
# wins: leak
from kit import *

tried()
take(BOX + '/abs_out')
take(BOX + '/abs_dir_out/twin.txt')
