# SPDX-License-Identifier: Apache-2.0
# attack: long writes of several threads and a child, which the kernel makes, while offset, flags, length and the file under the number change
# class: quota
# wins: stored=16777216,12
# needs: write
# policy: write: {path: "%A/work", quota: 16MiB, files: 12}
# options: --process fork
from kit import *

F_SETFL, W, MIB = 4, F['work'], 1 << 20
SIZE = 2 * MIB
tried()
f = openat(W + '/f', os.O_RDWR | os.O_CREAT)
appends = openat(W + '/f', os.O_WRONLY | os.O_APPEND)
g = openat(W + '/g', os.O_RDWR | os.O_CREAT)
quiet = openat(W + '/quiet', os.O_WRONLY | os.O_CREAT | os.O_APPEND)
at = 400
os.dup2(g, at)
data = ctypes.create_string_buffer(SIZE)


def is_over():
    return sum(os.stat(fd).st_size for fd in (f, g, quiet)) > 16 * MIB


def race(change, *writes, seconds=0.07):
    """WRITES, each in a thread, and CHANGE, as often as there is time, unless there is more already than there may be."""
    end = time.monotonic() + seconds

    def go(act):
        while time.monotonic() < end:
            act()
    threads = [threading.Thread(target=go, args=(act,), daemon=True) for act in writes]
    for thread in threads:
        thread.start()
    while time.monotonic() < end and not is_over():
        change()
    for thread in threads:
        thread.join()
    if is_over():
        hold()
        sys.exit()


def sizes(of_f, of_g):
    sc('ftruncate', f, of_f * MIB)
    sc('ftruncate', g, of_g * MIB)


def append():
    sc('write', appends, data, SIZE)


def flags():
    sizes(13, 0)
    for _ in range(3):
        sc('fcntl', f, F_SETFL, os.O_APPEND)
        sc('lseek', f, 0, 0)
        sc('fcntl', f, F_SETFL, 0)


def longer():
    sizes(13, 0)
    sc('truncate', (W + '/f').encode(), 15 * MIB)
    sc('ftruncate', f, 15 * MIB)


def swap():
    for fd in (quiet, g):
        sc('dup2', fd, at)


def other():
    """A child looks at the file and takes the room that a write under way has."""
    sizes(13, 0)
    pid = sc('fork')
    if pid == 0:
        for _ in range(4):
            sc('close', openat(W + '/f', os.O_WRONLY))
            sc('mmap', 0, 4096, 3, 1, f, 0)
            sc('pwrite64', g, data, SIZE, 0)
        os._exit(0)
    if pid > 0:
        sc('wait4', pid, 0, 0, 0)


# One that appends fits, two do not, nor one and a longer file, or another one.
race(lambda: sizes(13, 0), append, append, append, seconds=0.15)
race(flags, lambda: sc('write', f, data, SIZE), lambda: sc('write', f, data, SIZE))
race(longer, append, append)
race(other, append)
sizes(8, 2)
race(swap, lambda: sc('pwrite64', at, data, SIZE, 0))
for _ in range(9):
    append()
hold()
