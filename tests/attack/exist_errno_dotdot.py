# SPDX-License-Identifier: Apache-2.0
# attack: a path through a name outside and back by .. works only if the name exists
# class: exist
# wins: leak
from kit import *

tried()
st = stat_buf()
for probe in (lambda p: openat(p + '/../../../box0/twin.txt'), lambda p: sc('stat', (p + '/../../../box0').encode(), st),
              lambda p: sc('chdir', (p + '/../../../box0').encode()),
              lambda p: openat(p + '/../../../box0/none.txt'), lambda p: openat(p + '/../../../box0/sub', os.O_DIRECTORY)):
    none = probe(OUT + '/exist/none')
    none = none if none < 0 else 0
    errno_bits(lambda p: min(probe(p), 0), lambda r: r != none)
