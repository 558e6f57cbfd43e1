# SPDX-License-Identifier: Apache-2.0
# attack: the log and the verdict themselves, by their paths, links and the supervisor's descriptors
# class: log
# wins: log leak
# native: n/a: there is no log without proctor
from kit import *

tried()
d = os.path.dirname(F['log'])
for p in (F['log'], d + '/verdict.json', BOX + '/../log/run.jsonl', d):
    for flags in (0, os.O_WRONLY, os.O_WRONLY | os.O_APPEND, os.O_WRONLY | os.O_TRUNC, os.O_PATH):
        fd = openat(p, flags)
        if fd >= 0:
            sc('write', fd, b'FORGED\n', 7)
            effect('%s was opened' % p)
    sc('unlink', os.fsencode(p))
    sc('rename', os.fsencode(p), os.fsencode(p + 'x'))
    sc('truncate', os.fsencode(p), 0)
for fd in range(3, 4096):
    if sc('write', fd, b'\nFORGED\n', 8) > 0:
        effect('something could be written to descriptor %d' % fd)
