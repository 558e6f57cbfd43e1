# SPDX-License-Identifier: Apache-2.0
# attack: a relative symlink in the granted directory that leads out
# class: path
# wins: leak
from kit import *

tried()
take(BOX + '/rel_out')
os.chdir(BOX)
take('rel_out')
take('sub/../rel_out')
