# SPDX-License-Identifier: Apache-2.0
# attack: the vDSO, the stack's end and the interpreter's file mappings are gone when the stack is read
# class: log
# wins: log
# native: n/a: there is no stack reader without proctor
from kit import *

tried()
maps = b''
fd = openat('/proc/self/maps')
while fd >= 0:
    part = os.read(fd, 65536)
    if not part:
        break
    maps += part
for line in maps.decode().splitlines():
    if line.endswith(('[vdso]', '[vvar]', '[vvar_vclock]')):
        a, b = (int(x, 16) for x in line.split()[0].split('-'))
        sc('munmap', a, b - a)
openat(SECRET)
path = ctypes.create_string_buffer(os.fsencode(SECRET))
table = (ctypes.c_long * 7)(NR['openat'], AT_FDCWD, address(path), 0, 0)
# the call with wild stack and frame pointers: rsp and rbp are restored from r12 and r13
for rsp in (0, 8, 0x100000, 0x100ff8, 2 ** 47 - 8, 2 ** 63, page(4096) + 4096, page(8192, 1) + 4096, address(path)):
    fn = function('4154' '4155' '53' '4989e4' '4989ed' '4889fb' '4889f4' '4889f5' '488b03' '488b7b08' '488b7310' '488b5318' '4c8b5320' '0f05'
                  '4c89e4' '4c89ed' '5b' '415d' '415c' 'c3', ctypes.c_void_p, ctypes.c_uint64)
    fn(table, rsp)
# frame pointer loops and a stack full of return addresses into the interpreter
n = 1 << 16
s = page(n)
for i in range(0, n, 16):
    ctypes.c_uint64.from_address(s + i).value = s + i if i % 32 else s
    ctypes.c_uint64.from_address(s + i + 8).value = ctypes.cast(ctypes.pythonapi.PyRun_SimpleString, ctypes.c_void_p).value + i % 64
fn(table, s + 4096)
say('SURVIVED')
