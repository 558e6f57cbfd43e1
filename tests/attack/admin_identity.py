# SPDX-License-Identifier: Apache-2.0
# attack: other user, group, capabilities and root directory
# class: admin
# wins: state=Uid,root,Groups
# needs: root
# logged: setresuid chroot setgroups capset
from kit import *

tried()
hold()
sc('chroot', os.fsencode(OUT))
take('/twin.txt')
sc('setgroups', 1, struct.pack('<I', 61234))
sc('capset', struct.pack('<II', 0x20080522, 0), bytes(24))
sc('setresuid', 61234, 61234, 61234)
hold()
