# SPDX-License-Identifier: Apache-2.0
# attack: the directory that may be written to is itself moved, removed or replaced
# class: own
# wins: files
# needs: write
from kit import *

W = F['work']
E = os.fsencode
tried()
os.chdir(W)
for path in (W, W + '/', W + '/.', W + '/sub/..', '.', '../work', W + '//'):
    sc('rename', E(path), E(W + '2'))
    sc('rename', E(path), E(F['prey'] + '/taken'))
    sc('renameat2', AT_FDCWD, E(path), AT_FDCWD, E(F['prey']), 2)
    sc('renameat2', AT_FDCWD, E(W + '/sub'), AT_FDCWD, E(path), 2)
    sc('rename', E(F['prey']), E(path))
    sc('rmdir', E(path))
    sc('unlinkat', AT_FDCWD, E(path), 0x200)
    sc('unlink', E(path))
sc('rename', E(F['arena']), E(F['arena'] + '2'))
sc('symlink', E(F['prey']), E(W + '/sub/x'))
