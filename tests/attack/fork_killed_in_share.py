# SPDX-License-Identifier: Apache-2.0
# attack: children killed while shared memory is on its way to them, so that another process gets it
# class: processes
# wins: effect
# native: n/a: nothing is on its way without proctor
# options: --process fork
from kit import *

tried()
for i in range(25):
    pid = os.fork()
    if pid == 0:
        while True:
            at = page(8192, 3, 0x21)
            ctypes.memset(at, 0x55, 8192)
            sc('munmap', at, 8192)
    time.sleep(0.004 + i / 5000)
    sc('kill', pid, 9)
    os.waitpid(pid, 0)
    at = page(4096, 3, 0x21)
    if ctypes.string_at(at, 1) != b'\0':
        effect("another process's memory")
