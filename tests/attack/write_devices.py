# SPDX-License-Identifier: Apache-2.0
# attack: device nodes, the kernel's log, shared memory directories
# class: write
# wins: ipc
from kit import *

tried()
name = 'attack-' + NONCE
for d in ('/dev/shm', '/tmp', '/var/tmp', '/run'):
    fd = openat(d + '/' + name, os.O_CREAT | os.O_RDWR, AT_FDCWD, 0o600)
    sc('mkdir', os.fsencode(d + '/' + name + '-d'), 0o700)
for p in ('/dev/mem', '/dev/kmsg', '/dev/vda', '/dev/fuse', '/dev/net/tun', '/dev/kvm', '/dev/ptmx', '/dev/loop-control'):
    openat(p, os.O_RDONLY)
