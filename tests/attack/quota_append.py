# SPDX-License-Identifier: Apache-2.0
# attack: two processes that append to the same full file at once, in every way
# class: quota
# wins: stored=131072,12
# needs: write
# policy: write: {path: "%A/work", quota: 128KiB, files: 12}
# options: --process fork
from kit import *

W = F['work']
tried()
fd = openat(W + '/f', os.O_RDWR | os.O_CREAT | os.O_APPEND)
plain = openat(W + '/f', os.O_RDWR)
data = ctypes.create_string_buffer(8192)
two = struct.pack('QQQQ', address(data), 8192, address(data), 8192)
child = os.fork()
end = time.monotonic() + 0.15
for _ in range(200):
    sc('write', fd, data, 8192)
    sc('writev', fd, two, 2)
    sc('pwrite64', fd, data, 8192, 0)         # appends, as Linux has it
    sc('pwritev2', plain, two, 2, 0, 0, 0x10)  # RWF_APPEND
    sc('lseek', plain, 0, 2)
    sc('write', plain, data, 8192)
    if time.monotonic() > end:
        break
if child == 0:
    os._exit(0)
os.waitpid(child, 0)
hold()
