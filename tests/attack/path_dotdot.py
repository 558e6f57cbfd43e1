# SPDX-License-Identifier: Apache-2.0
# attack: out of the granted directory by ..
# class: path
# wins: leak
from kit import *

tried()
take(BOX + '/../box1/twin.txt')
take(BOX + '/sub/../../box1/twin.txt')
os.chdir(BOX + '/sub')
take('../../box1/twin.txt')
take('./.././..//box1/./twin.txt')
