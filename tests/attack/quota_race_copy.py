# SPDX-License-Identifier: Apache-2.0
# attack: sendfile and copy_file_range between two descriptors that other threads put other files under, and stdout
# class: quota
# wins: stored=131072,12 files
# needs: write
# stdout: file
# policy: write: {path: "%A/work", quota: 128KiB, files: 12}
from kit import *

W = F['work']
tried()
src = openat(W + '/src', os.O_RDWR | os.O_CREAT)
os.write(src, b'CHANGED!' * 4096)
small = openat(W + '/small', os.O_RDWR | os.O_CREAT)
grows = openat(W + '/grows', os.O_RDWR | os.O_CREAT)
read = openat(BOX + '/data.bin')
a, b = 400, 401
os.dup2(src, a)
os.dup2(small, b)
end, stop = time.monotonic() + 0.4, []


def swap(number, *files):
    while not stop:
        for fd in files:
            sc('dup2', fd, number)


threads = [threading.Thread(target=swap, args=args, daemon=True) for args in ((a, src, read, grows), (b, small, grows, 1, read, src))]
[thread.start() for thread in threads]
i = 0
while time.monotonic() < end:
    i = (i + 5) % 41
    at, out = ctypes.c_int64(0), ctypes.c_int64(i * 8192)
    sc('sendfile', b, a, ctypes.byref(at), 32768)
    sc('copy_file_range', a, ctypes.byref(at), b, ctypes.byref(out), 32768, 0)
    sc('copy_file_range', a, None, b, None, 32768, 0)
    sc('sendfile', grows, a, None, 32768)
    # From behind the end of what there is.
    sc('copy_file_range', src, ctypes.byref(ctypes.c_int64(0)), grows, ctypes.byref(ctypes.c_int64(i * 8192)), 8192, 0)
stop.append(1)
[thread.join() for thread in threads]
hold()
