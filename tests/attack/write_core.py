# SPDX-License-Identifier: Apache-2.0
# attack: a core dump, with the limit raised and the process made dumpable, in a directory of others
# class: write
# wins: files
# verdict: SG
from kit import *

tried()
sc('prlimit64', 0, 4, struct.pack('<QQ', (1 << 64) - 1, (1 << 64) - 1), None)
sc('prlimit64', 0, 4, struct.pack('<QQ', 32 << 20, 32 << 20), None)
sc('prctl', 4, 1, 0, 0, 0)
sc('chdir', os.fsencode(F['prey']))
sc('chdir', os.fsencode(BOX)) if os.getcwd() != F['prey'] else None
sc('rt_sigaction', 6, struct.pack('<QQQQ', 0, 0, 0, 0), None, 8)
sc('kill', os.getpid(), 6)
