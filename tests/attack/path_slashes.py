# SPDX-License-Identifier: Apache-2.0
# attack: slashes, dots and empty components around the way out
# class: path
# wins: leak
from kit import *

tried()
for p in ('/' + SECRET, '///.//' + OUT + '/.//./twin.txt', BOX + '//..//box1//twin.txt', BOX + '/./../box1/twin.txt',
          SECRET + '/', SECRET + '/.'):
    take(p)
    take('//' + p)
