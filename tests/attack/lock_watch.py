# SPDX-License-Identifier: Apache-2.0
# attack: inotify, fanotify and dnotify watches
# class: lock
# wins: unlogged
# native: n/a: watching alone changes nothing that can be seen from outside
# logged: inotify_init inotify_init1 fanotify_init fcntl
from kit import *

tried()
sc('inotify_init')
fd = sc('inotify_init1', 0)
sc('inotify_add_watch', fd, os.fsencode(OUT), 0xfff)
sc('fanotify_init', 0, 0)
sc('fcntl', openat(BOX, os.O_DIRECTORY), 1026, 0x80000000 | 7)
