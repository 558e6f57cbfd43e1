# SPDX-License-Identifier: Apache-2.0
# attack: unshare and setns of each kind
# class: admin
# wins: state=ns/user,ns/mnt,ns/net,ns/uts,ns/ipc
# needs: root
# logged: unshare setns
from kit import *

tried()
hold()
for flag in (0x04000000, 0x08000000, 0x40000000, 0x00020000, 0x10000000, 0x02000000, 0x20000000, 0x80):
    sc('unshare', flag)
fd = openat('/proc/1/ns/net')
sc('setns', fd, 0)
hold()
