# SPDX-License-Identifier: Apache-2.0
# attack: unshare(CLONE_FS) and CLONE_FILES: a thread with a current directory and descriptors of its own
# class: admin
# wins: leak
from kit import *

import queue
tried()
os.chdir(BOX + '/a/b')


def run():
    sc('unshare', 0x200)
    sc('unshare', 0x400)
    sc('unshare', 0)
    sc('chdir', os.fsencode(BOX + '/a'))
    take('../../box1/twin.txt')


t = threading.Thread(target=run)
t.start()
t.join()
take('../../box1/twin.txt')
