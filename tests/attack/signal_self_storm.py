# SPDX-License-Identifier: Apache-2.0
# attack: threads send each other signals whose handlers open files, while all of them open files
# class: signals
# wins: leak effect
# limits: wall=25 tasks=16
from kit import *

buf, at, bits = twin_path()
path = ctypes.create_string_buffer(os.fsencode(GOOD))
# handler: openat(AT_FDCWD, path, 0) ; close
h = code('50' 'b801010000' '48c7c79cffffff' '48be' + struct.pack('<Q', address(path)).hex() + '31d2' '4531d2' '0f05' '85c0' '7809' '89c7' 'b803000000' '0f05' '58' 'c3')
sigaction(10, h, 0x10000000)
sigaction(12, h, 0)
tried()
stop = []
tids = []


def worker():
    tids.append(threading.get_native_id())
    while not stop:
        took(sc('openat', AT_FDCWD, buf, 0, 0))
        fd = sc('openat', AT_FDCWD, path, 0, 0)
        if fd >= 0:
            os.close(fd)
        elif fd != -4 and not NATIVE:
            effect('an open failed with %d' % fd)


ts = [threading.Thread(target=worker, daemon=True) for _ in range(4)]
for t in ts:
    t.start()
f = Flipper(at, bits)
n, end = 0, time.monotonic() + 2
while time.monotonic() < end:
    for t in tids[:4]:
        n += 1
        sc('tgkill', os.getpid(), t, 10 if n & 1 else 12)
stop.append(1)
for t in ts:
    t.join(5)
f.end()
say('ROUNDS', n)
