# SPDX-License-Identifier: Apache-2.0
# attack: a socket of the run's own, and the directory that one is bound in, change places with links that lead to others'
# class: net
# wins: net files
# needs: race
# options: --process fork --scratch
from kit import *

import socket
work = (os.environ.get('TMPDIR') or BOX) + '/o%d' % os.getpid()
os.mkdir(work)
os.mkdir(work + '/d')
os.symlink(os.path.dirname(F['unix']), work + '/e')
name = os.path.basename(F['unix'])
own = socket.socket(socket.AF_UNIX)
own.bind(work + '/d/' + name)
own.listen()
stop = []


def swap():
    while not stop:
        sc('renameat2', AT_FDCWD, os.fsencode(work + '/d'), AT_FDCWD, os.fsencode(work + '/e'), 2)


tried()
thread = threading.Thread(target=swap)
thread.start()


def one(i):
    for act, path in (('connect', name), ('bind', 'new%d' % i)):
        s = socket.socket(socket.AF_UNIX)
        s.setblocking(False)
        try:
            getattr(s, act)(work + '/d/' + path)
        except OSError:
            pass
        s.close()
    return i > (2000 if NATIVE else 60)


rounds(one)
stop.append(1)
thread.join()
