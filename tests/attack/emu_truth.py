# SPDX-License-Identifier: Apache-2.0
# attack: what emulated calls answer is compared with what the kernel says of the same file
# class: emulate
# wins: effect
# native: n/a: it looks for lies of the supervisor
from kit import *

tried()
st, st2 = stat_buf(), stat_buf()
for name in ('twin.txt', 'plain.txt', 'data.bin', 'sub', 'sized.bin', 'a/b/../b/note.txt', 'sublink/inner.txt', '.'):
    p = os.fsencode(BOX + '/' + name)
    fd = sc('openat', AT_FDCWD, p, 0, 0)
    if fd < 0:
        effect('a granted file cannot be opened: %s %d' % (name, fd))
        continue
    sc('fstat', fd, st2)
    for r in (sc('stat', p, st), sc('newfstatat', AT_FDCWD, p, st, 0)):
        if r != 0 or st.raw[:72] != st2.raw[:72]:
            effect('stat of %s differs from fstat: %d' % (name, r))
    os.close(fd)
for call, args, want in (('stat', (os.fsencode(BOX + '/none'), st), -2), ('stat', (os.fsencode(GOOD + '/x'), st), -20), ('stat', (b'', st), -2),
                         ('openat', (AT_FDCWD, os.fsencode(BOX + '/none'), 0, 0), -2), ('openat', (AT_FDCWD, os.fsencode(BOX + '/loop'), 0, 0), -40),
                         ('openat', (AT_FDCWD, os.fsencode(GOOD), os.O_DIRECTORY, 0), -20), ('readlink', (os.fsencode(GOOD), st, 64), -22),
                         ('openat', (AT_FDCWD, os.fsencode(BOX + '/link'), os.O_NOFOLLOW, 0), -40), ('chdir', (os.fsencode(GOOD),), -20),
                         ('openat', (999, b'x', 0, 0), -9), ('openat', (AT_FDCWD, b'a' * 300, 0, 0), -36), ('openat', (AT_FDCWD, b'a/' * 2500, 0, 0), -36),
                         ('openat', (AT_FDCWD, None, 0, 0), -14), ('openat', (AT_FDCWD, os.fsencode(GOOD + '/'), 0, 0), -20)):
    r = sc(call, *args)
    if r != want:
        say('NOTE', call, args[:2], 'is', r, 'not', want)
