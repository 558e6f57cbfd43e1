# SPDX-License-Identifier: Apache-2.0
# attack: relative paths whose whole length no buffer holds
# class: path
# wins: leak
from kit import *

tried()
os.chdir(BOX + '/a/b')
take('../b/' * 800 + '../../../box1/twin.txt')
take('./' * 1500 + '../../../box1/twin.txt')
