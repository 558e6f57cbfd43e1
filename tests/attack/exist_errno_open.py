# SPDX-License-Identifier: Apache-2.0
# attack: which names exist outside, told by the errno of the opens
# class: exist
# wins: leak
from kit import *

tried()
for flags in (0, os.O_PATH, os.O_DIRECTORY, os.O_WRONLY, os.O_RDWR | os.O_TRUNC, os.O_NOFOLLOW, os.O_EXCL, os.O_TMPFILE | 2):
    for probe in (lambda p: openat(p, flags), lambda p: openat2(p, flags & 0x7fffff), lambda p: openat(p + '/x', flags),
                  lambda p: openat(p + '/', flags), lambda p: openat(p + '/.', flags)):
        none = probe(OUT + '/exist/none')
        errno_bits(lambda p: (lambda r: os.close(r) or 0 if r >= 0 else r)(probe(p)), lambda r: r != none)
