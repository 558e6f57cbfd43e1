# SPDX-License-Identifier: Apache-2.0
# attack: refused calls whose string arguments are bad, huge or hostile pointers
# class: log
# wins: log
# native: n/a: there is no log without proctor
from kit import *

tried()
p = page(8192)
libc.munmap(ctypes.c_void_p(p + 4096), 4096)
ctypes.memset(p, 65, 4096)
for a in (0, 1, p, p + 4090, 2 ** 63, 2 ** 64 - 1, 0x100000, 0xffffffffff600000):
    a = ctypes.c_void_p(a)
    for call in ('open', 'stat', 'readlink', 'access', 'chdir', 'mkdir', 'unlink', 'chmod', 'truncate', 'rename', 'link', 'symlink', 'execve', 'mount', 'swapon',
                 'sethostname', 'getxattr', 'setxattr', 'statfs', 'uselib', 'memfd_create', 'mq_open', 'chroot', 'acct', 'umount2', 'creat', 'mknod',
                 'bind', 'connect', 'sendto', 'sendmsg', 'io_uring_setup', 'bpf', 'add_key', 'clone3', 'prctl', 'rt_sigqueueinfo', 'openat2'):
        if call in ('bind', 'connect', 'sendto', 'sendmsg'):
            sc(call, 1, a, 100, 0, a, 100)
        elif call == 'openat2':
            sc(call, AT_FDCWD, a, a, 24)
        elif call == 'prctl':
            sc(call, 15, a, 0, 0, 0)
        elif call == 'rt_sigqueueinfo':
            sc(call, 1 << 30, 0, a)
        else:
            sc(call, a, a, a, a, a)
