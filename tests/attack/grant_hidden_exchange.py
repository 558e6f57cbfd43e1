# SPDX-License-Identifier: Apache-2.0
# attack: a hidden part, while somebody outside exchanges directories of the tree
# class: race
# wins: leak
# needs: race exchange
# policy: hide: ["%A/box0/race/link/**"]
from kit import *

tried()
paths = [os.fsencode(BOX + p) for p in ('/race/link/twin.txt', '/race/real/../link/twin.txt', '/race/real/twin.txt')]
rounds(lambda i: took(sc('openat', AT_FDCWD, paths[i % 3], 0, 0)))
