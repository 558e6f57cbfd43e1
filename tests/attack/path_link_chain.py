# SPDX-License-Identifier: Apache-2.0
# attack: chains of symlinks, short and close to the limit of forty
# class: path
# wins: leak
from kit import *

tried()
take(BOX + '/chain')
for i in range(0, 42):
    take(BOX + '/odd/l%02d' % i)
take(BOX + '/loop')
