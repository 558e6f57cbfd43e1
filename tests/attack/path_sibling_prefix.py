# SPDX-License-Identifier: Apache-2.0
# attack: directories and files whose names begin with the granted one's
# class: path
# wins: leak
from kit import *

tried()
take(BOX + 'secret/twin.txt')
take(BOX + '.txt')
take(BOX + '/../box0secret/twin.txt')
