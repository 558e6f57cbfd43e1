# SPDX-License-Identifier: Apache-2.0
# attack: memory in pieces that have neither a name nor a map, which a look at the process does not show
# class: resources
# wins: limit
# native: n/a: what it makes is resident in no process, which is what is looked at there
# limits: mem=96 wall=8
# verdict: ML
from kit import *

tried()
chunk = b'x' * (1 << 20)
for i in range(500):
    fd = openat('/dev/shm/attack-%s-%d' % (NONCE, i), os.O_CREAT | os.O_EXCL | os.O_RDWR, mode=0o600)
    sc('unlink', ('/dev/shm/attack-%s-%d' % (NONCE, i)).encode())
    if fd >= 0:
        os.write(fd, chunk)
hold()
