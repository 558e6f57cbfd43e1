# SPDX-License-Identifier: Apache-2.0
# attack: a part of the granted tree is hidden: reached by links, descriptors, .. and other spellings
# class: grants
# wins: leak
# needs: hidden
# policy: hide: ["%A/box0/hidden/**", "%A/box0/hidden.txt"]
from kit import *

tried()
H = BOX + '/hidden'
take(H + '/twin.txt')
take(BOX + '/sub/../hidden/twin.txt')
take(BOX + '//hidden/./deep/../twin.txt')
take(BOX + '/odd_hidden')
take(BOX + '/odd_hidden_dir/twin.txt')
take(BOX + '/odd_hidden_dir/deep/twin.txt')
take(BOX + '/hidden.txt')
take(BOX + '/hidden.txt/')
take('/proc/self/root' + H + '/twin.txt')
for base, rest in ((BOX, 'hidden/twin.txt'), (H, 'twin.txt'), (H + '/deep', '../twin.txt'), (BOX + '/a', '../hidden/twin.txt'), (BOX, 'hidden.txt')):
    for flags in (os.O_RDONLY, os.O_PATH):
        d = openat(base, flags | os.O_DIRECTORY)
        if d >= 0:
            took(openat(rest, 0, d))
            took(openat('/proc/self/fd/%d/' % d + rest))
            took(openat('/dev/fd/%d/' % d + rest))
            sc('fchdir', d)
            took(openat(rest))
    sc('chdir', os.fsencode(base))
    took(openat(rest))
for fd in reserved():
    new = sc('dup', fd)
    if new >= 0:
        took(openat('hidden/twin.txt', 0, new))
        sc('fchdir', new)
        took(openat('hidden/twin.txt'))
for flags in (os.O_PATH, os.O_PATH | os.O_NOFOLLOW):
    fd = openat(H + '/twin.txt', flags)
    if fd >= 0:
        took(openat('/proc/self/fd/%d' % fd))
