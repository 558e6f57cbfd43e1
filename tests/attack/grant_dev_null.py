# SPDX-License-Identifier: Apache-2.0
# attack: /dev/null may be written to: that write grant is stretched to other devices and names
# class: grants
# wins: files ipc
from kit import *

tried()
fd = openat('/dev/null', os.O_RDWR)
name = '/attack-' + NONCE
for p in ('/dev/null/..' + name, '/dev/null/../shm' + name, '/dev/../dev/shm' + name, '/dev/shm' + name):
    openat(p, os.O_CREAT | os.O_RDWR, AT_FDCWD, 0o600)
    openat('..' + name, os.O_CREAT | os.O_RDWR, fd, 0o600)
d = openat('/dev', os.O_PATH)
openat('shm' + name, os.O_CREAT | os.O_RDWR, d, 0o600)
for call in ('unlink', 'rmdir'):
    sc(call, b'/dev/attack-none')
sc('fchmod', fd, 0o666)
sc('link', b'/dev/null', os.fsencode(F['prey'] + '/null'))
