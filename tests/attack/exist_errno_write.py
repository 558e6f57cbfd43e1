# SPDX-License-Identifier: Apache-2.0
# attack: which names exist outside, told by the errno of calls that would make or change them
# class: exist
# wins: leak
from kit import *

tried()
new = os.fsencode(BOX + '/none')
for probe in (lambda p: sc('symlink', b'x', p), lambda p: sc('mkdir', p + b'/none/x', 0o700), lambda p: sc('rmdir', p + b'/none'),
              lambda p: sc('link', new, p), lambda p: sc('rename', new, p), lambda p: sc('unlink', p + b'/x/y'),
              lambda p: sc('truncate', p, 0), lambda p: sc('mknod', p, 0o10600, 0), lambda p: sc('chmod', p + b'/.', 0o755),
              lambda p: sc('utimensat', AT_FDCWD, p + b'/', None, 0), lambda p: sc('setxattr', p, b'bad', b'', 0, 0)):
    none = probe(os.fsencode(OUT + '/exist/none'))
    answers = [probe(os.fsencode(OUT + '/exist/e%02d' % i)) for i in range(F['bits'])]
    for there in set(answers):
        say('BITS=' + ''.join('1' if a == there else '0' for a in answers))
