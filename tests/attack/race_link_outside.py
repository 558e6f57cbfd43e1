# SPDX-License-Identifier: Apache-2.0
# attack: somebody outside keeps replacing a symlink in the granted directory; open follows it
# class: race
# wins: leak
# needs: race link
from kit import *

path = os.fsencode(BOX + '/race/flip')
tried()
rounds(lambda i: took(sc('openat', AT_FDCWD, path, 0, 0)))
