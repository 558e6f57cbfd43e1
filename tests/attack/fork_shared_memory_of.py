# SPDX-License-Identifier: Apache-2.0
# attack: a child that shares its parent's memory, descriptors or directory: clone and vfork
# class: processes
# wins: effect unlogged
# logged: clone*6
# options: --process fork
from kit import *

tried()
flag = ctypes.c_uint64(0)
path, buf = ctypes.create_string_buffer(os.fsencode(GOOD)), stat_buf()
thief = function(THIEF, *[ctypes.c_long] * 4)
for flags in (0x100 | 17, 0x400 | 17, 0x200 | 17, 0x100 | 0x400 | 17, 0x40000 | 17, 0x100 | 0x800 | 17):
    before = sorted(os.listdir('/proc/self/fd')) if NATIVE else None
    buf.raw = bytes(256)
    pid = thief(flags, page(65536) + 65000, address(path), address(buf))
    if pid > 0:
        os.waitpid(pid, 0)
    if buf.raw[:1] != b'\0':
        effect('memory was shared: flags %#x' % flags)
# vfork: pop %rdx; mov $58,%eax; syscall; test %eax,%eax; jz 1f; jmp *%rdx; 1: movq $1,(%rdi); mov $60,%eax; xor %edi,%edi; syscall
vfork = function('5a' 'b83a000000' '0f05' '85c0' '7402' 'ffe2' '48c70701000000' 'b83c000000' '31ff' '0f05', ctypes.c_void_p)
vfork(address(flag))
time.sleep(0.2)
if flag.value:
    effect('vfork shared the memory')
