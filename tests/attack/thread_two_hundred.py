# SPDX-License-Identifier: Apache-2.0
# attack: two hundred threads open files at the same time: none may get another one's file
# class: threads
# wins: effect
# native: n/a: it looks for confusion in the supervisor
# limits: wall=40 tasks=256
from kit import *

tried()
threading.stack_size(65536)
files = [BOX + '/' + n for n in ('twin.txt', 'plain.txt', 'data.bin', 'sub/inner.txt', 'a/b/note.txt', 'sized.bin')]
inodes = [os.stat(f).st_ino for f in files]
gate = threading.Event()
wrong, opened = [], [0]


def opener(k):
    gate.wait()
    for i in range(10):
        j = (k + i) % len(files)
        fd = openat(files[j])
        if fd < 0:
            wrong.append('%s: %d' % (files[j], fd))
            continue
        if os.fstat(fd).st_ino != inodes[j]:
            wrong.append('%s is another file' % files[j])
        os.close(fd)
        opened[0] += 1


ts = [threading.Thread(target=opener, args=(k,)) for k in range(200)]
for t in ts:
    t.start()
gate.set()
for t in ts:
    t.join()
say('OPENED', opened[0])
if wrong:
    effect(wrong[0])
