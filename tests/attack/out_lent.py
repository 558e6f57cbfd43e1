# SPDX-License-Identifier: Apache-2.0
# attack: writes that are counted after they were made: halves of them, other descriptors and a thread in between
# class: output
# wins: limit
# limits: out=200000 wall=15 tasks=16
# verdict: OL
from kit import *

p = page(8192)
libc.munmap(ctypes.c_void_p(p + 4096), 4096)
ctypes.memset(p, 116, 4096)
null, (r, w) = os.open('/dev/null', os.O_WRONLY), os.pipe()
tried()
n = 0
while True:
    n += 1
    sc('write', 1, ctypes.c_void_p(p + 4095), 4096)
    sc('write', 1, ctypes.c_void_p(p), 1000)
    sc('write', null, ctypes.c_void_p(p), 4096)
    sc('write', w, ctypes.c_void_p(p), 1)
    sc('pwrite64', 1, ctypes.c_void_p(p), 1000, 0)
    sc('dup2', 1, w + 1)
    sc('write', w + 1, ctypes.c_void_p(p), 1000)
    sc('dup2', null, w + 1)
    if n % 16 == 0:
        thread = threading.Thread(target=sc, args=('write', 1, ctypes.c_void_p(p), 1000))
        thread.start()
        sc('write', 1, ctypes.c_void_p(p), 1000)
        thread.join()
