# SPDX-License-Identifier: Apache-2.0
# attack: which names exist outside, told by the errno of the stat family
# class: exist
# wins: leak
from kit import *

tried()
st = stat_buf()
for probe in (lambda p: sc('stat', p.encode(), st), lambda p: sc('lstat', p.encode(), st),
              lambda p: sc('newfstatat', AT_FDCWD, p.encode(), st, 0x100), lambda p: sc('access', p.encode(), 0),
              lambda p: sc('statx', AT_FDCWD, p.encode(), 0, 0xfff, st), lambda p: sc('statfs', p.encode(), st),
              lambda p: sc('faccessat', AT_FDCWD, p.encode(), 0), lambda p: sc('faccessat2', AT_FDCWD, p.encode(), 0, 0)):
    none = probe(OUT + '/exist/none')
    errno_bits(probe, lambda r: r != none)
