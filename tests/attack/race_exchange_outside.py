# SPDX-License-Identifier: Apache-2.0
# attack: somebody outside exchanges a directory in the path with a symlink that leads out
# class: race
# wins: leak
# needs: race exchange
from kit import *

path = os.fsencode(BOX + '/race/real/twin.txt')
tried()
rounds(lambda i: took(sc('openat', AT_FDCWD, path, 0, 0)))
