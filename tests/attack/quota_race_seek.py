# SPDX-License-Identifier: Apache-2.0
# attack: one descriptor whose offset, length and flags change in a thread and in a child, while it is written to alone and not
# class: quota
# wins: stored=131072,12
# needs: write
# policy: write: {path: "%A/work", quota: 128KiB, files: 12}
# options: --process fork
from kit import *

F_SETFL, W = 4, F['work']
tried()
fd = openat(W + '/f', os.O_RDWR | os.O_CREAT)
other = openat(W + '/g', os.O_RDWR | os.O_CREAT)
data = ctypes.create_string_buffer(16384)
end, stop = time.monotonic() + 0.2, []


def move():
    """Whatever makes the next write of another one land elsewhere than where it was going to."""
    sc('lseek', fd, 1 << 20, 0)
    sc('fcntl', fd, F_SETFL, os.O_APPEND)
    sc('lseek', fd, 0, 0)
    sc('fcntl', fd, F_SETFL, 0)
    sc('ftruncate', fd, 0)
    sc('ftruncate', fd, 110000)
    sc('ftruncate', other, 0)


def write():
    sc('write', fd, data, 16384)
    sc('pwrite64', fd, data, 16384, 114688)
    sc('write', other, data, 4096)


def meddle():
    while not stop:
        move()


def fork():
    pid = sc('fork')
    if pid == 0:
        for _ in range(20):
            move()
            write()
        os._exit(0)
    return pid


while time.monotonic() < end:
    for _ in range(12):  # alone, up to the bound: nothing failed yet, and then something does
        sc('write', fd, data, 16384)
        sc('write', other, data, 8192)
    sc('write', fd, 1, 1 << 20)        # would fail half way, and is not paid for
    sc('lseek', fd, 1 << 30, 0)
    sc('write', fd, data, 1)
    sc('lseek', fd, 0, 0)
    del stop[:]
    thread = threading.Thread(target=meddle, daemon=True)
    thread.start()
    for _ in range(20):
        write()
    stop.append(1)
    thread.join()
    child = fork()
    for _ in range(20):
        write()
    if child > 0:
        sc('wait4', child, 0, 0, 0)
    sc('ftruncate', fd, 0)
    sc('ftruncate', other, 0)
    sc('lseek', fd, 0, 0)
    sc('lseek', other, 0, 0)
for _ in range(40):
    sc('write', fd, data, 16384)
    sc('write', other, data, 16384)
hold()
