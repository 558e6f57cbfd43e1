# SPDX-License-Identifier: Apache-2.0
# attack: a way through a name outside, and back by .., depends on what kind of thing the name is
# class: exist
# wins: leak
from kit import *

tried()
st = stat_buf()
back = b'/../../../' + os.fsencode(os.path.basename(BOX))
for probe in (lambda p: openat(p + back + b'/twin.txt'), lambda p: sc('stat', p + back + b'/none', st),
              lambda p: sc('chdir', p + back + b'/sub'), lambda p: openat(p + back + b'/twin.txt', os.O_PATH),
              lambda p: openat(p + b'/../twin.txt'), lambda p: openat(p + b'/../../exist', os.O_DIRECTORY)):
    def bit(i):
        fd = probe(os.fsencode(OUT) + b'/exist/e%02d' % i)
        if fd > 2:
            os.close(fd)
        return min(fd, 0)
    answers = [bit(i) for i in range(F['bits'])]
    for there in set(answers):
        say('BITS=' + ''.join('1' if a == there else '0' for a in answers))
