# SPDX-License-Identifier: Apache-2.0
# attack: many threads stat different files: none may get another one's answer
# class: threads
# wins: effect
# native: n/a: it looks for confusion in the supervisor
# limits: tasks=64 wall=30
from kit import *

tried()
files = [os.fsencode(BOX + '/' + n) for n in ('twin.txt', 'plain.txt', 'data.bin', 'sub/inner.txt', 'a/b/note.txt', 'sized.bin')]
inodes = [os.stat(f).st_ino for f in files]
wrong = []


def ask(k):
    st = stat_buf()
    for i in range(100):
        j = (k + i) % len(files)
        if sc('stat', files[j], st) != 0 or struct.unpack_from('<Q', st, 8)[0] != inodes[j]:
            wrong.append(files[j])


ts = [threading.Thread(target=ask, args=(k,)) for k in range(16)]
for t in ts:
    t.start()
for t in ts:
    t.join()
if wrong:
    effect('wrong answers about %r' % wrong[0])
