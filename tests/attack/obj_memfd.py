# SPDX-License-Identifier: Apache-2.0
# attack: memfd_create and memfd_secret: files of one's own, then executed
# class: kobj
# wins: fds=memfd:attack
# logged: memfd_create
from kit import *

tried()
fd = sc('memfd_create', b'attack', 0)
hold()
say(sc('memfd_secret', 0))
