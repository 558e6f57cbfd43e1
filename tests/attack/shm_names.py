# SPDX-License-Identifier: Apache-2.0
# attack: names in /dev/shm that outlive the program or meet other processes
# class: kobj
# wins: ipc
from kit import *

tried()
name = b'/dev/shm/attack-' + NONCE.encode()
fd = openat(name, os.O_CREAT | os.O_EXCL | os.O_RDWR, mode=0o666)
if fd >= 0:
    os.write(fd, NONCE.encode())
sc('link', name, name + b'-2')
sc('linkat', AT_FDCWD, name, AT_FDCWD, b'/tmp/attack-' + NONCE.encode(), 0)
sc('linkat', fd, b'', AT_FDCWD, name + b'-3', AT_EMPTY_PATH)
sc('rename', name + b'-2', name + b'-4')
sc('symlink', name, name + b'-5')
sc('mkdir', name + b'-6', 0o700)
sc('mknod', name + b'-7', 0o100600, 0)
for path in (b'/dev/shm/../shm/attack-', b'/dev/./shm//attack-', b'/run/shm/attack-', b'/proc/self/root/dev/shm/attack-'):
    openat(path + NONCE.encode() + b'-8', os.O_CREAT | os.O_RDWR, mode=0o666)
hold()
