# SPDX-License-Identifier: Apache-2.0
# attack: names that are not UTF-8, directly and behind a symlink
# class: path
# wins: leak
from kit import *

tried()
take(os.fsencode(BOX) + b'/caf\xe9\xff')
take(os.fsencode(OUT) + b'/caf\xe9\xff.txt')
take(os.fsencode(BOX) + b'/sub/../caf\xe9\xff')
