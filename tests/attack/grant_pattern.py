# SPDX-License-Identifier: Apache-2.0
# attack: a grant with wildcards: names that match it in part, by .., links and trailing parts
# class: grants
# wins: leak
# policy: read: ["%A/box1/*/open.txt", "%A/box1/exist/*", "%A/bo?0/sub/**"]
from kit import *

tried()
for p in (SECRET, OUT + '/sub/../twin.txt', OUT + '/exist/../twin.txt', OUT + '/sub/open.txt/../../twin.txt', OUT + '/sub/open.txt',
          OUT + '/exist/e00/../../twin.txt', OUT + '/exist/*', OUT + '/*/open.txt', OUT + '/exist/none/../../twin.txt',
          BOX + '/../box1/twin.txt', OUT + '/x/open.txt/../../twin.txt', F['arena'] + '/box1/sub/up/twin.txt'):
    take(p)
b = ctypes.create_string_buffer(32768)
for d in (OUT, OUT + '/exist', OUT + '/sub'):
    for flags in (os.O_DIRECTORY, os.O_PATH):
        fd = openat(d, flags)
        if fd >= 0:
            took(openat('twin.txt', 0, fd))
            took(openat('../twin.txt', 0, fd))
            n = sc('getdents64', fd, b, 32768)
            os.write(1, b.raw[:max(n, 0)])
            sc('fchdir', fd)
            took(openat('twin.txt'))
            took(openat('../twin.txt'))
for fd in reserved():
    new = sc('dup', fd)
    if new >= 0:
        took(openat('twin.txt', 0, new))
        took(openat('../twin.txt', 0, new))
