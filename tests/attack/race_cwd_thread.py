# SPDX-License-Identifier: Apache-2.0
# attack: another thread changes the current directory while a relative path is being checked
# class: race
# wins: leak
# needs: race
from kit import *

tried()


def move():
    sc('chdir', os.fsencode(BOX + '/a/b'))
    sc('chdir', os.fsencode(BOX + '/a'))


end = loop_thread(move)
rounds(lambda i: took(sc('openat', AT_FDCWD, b'../../box1/twin.txt', 0, 0)))
end()
