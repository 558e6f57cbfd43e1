# SPDX-License-Identifier: Apache-2.0
# attack: a hidden part of what may be written to, by moving what is above it
# class: own
# wins: leak
# needs: write
# policy: hide: ["%A/work/fixed/twin.txt"]
from kit import *

W = F['work']
E = os.fsencode
tried()
take(W + '/fixed/twin.txt')
sc('link', E(W + '/fixed/twin.txt'), E(W + '/second'))
sc('rename', E(W + '/fixed/twin.txt'), E(W + '/first'))
sc('symlink', b'fixed', E(W + '/alias'))
for i, to in enumerate(('/moved', '/sub/moved', '/sub/deeper/moved', '/swap')):
    sc('rename', E(W + '/fixed'), E(W + to))
    sc('renameat2', AT_FDCWD, E(W + '/fixed'), AT_FDCWD, E(W + to), 2)
    sc('renameat2', AT_FDCWD, E(W + to), AT_FDCWD, E(W + '/fixed'), 2)
    take(W + to + '/twin.txt')
for p in ('/second', '/first', '/alias/twin.txt', '/fixed/../alias/twin.txt', '/fixed/in/../twin.txt'):
    take(W + p)
os.chdir(W)
sc('chdir', b'fixed')
take('twin.txt')
