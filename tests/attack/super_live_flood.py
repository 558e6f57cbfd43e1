# SPDX-License-Identifier: Apache-2.0
# attack: thirty thousand different refusals, each of which --live has to remember
# class: supervisor
# wins: super
# native: n/a: there is no supervisor to fill
# limits: wall=40
# options: --live /dev/null --calls denied --stack none
from kit import *

tried()
end = time.monotonic() + 5
n = 0
base = os.fsencode(OUT) + b'/' + b'n' * 200
while n < 30000 and time.monotonic() < end:
    n += 1
    sc('openat', AT_FDCWD, base + b'%d' % n, 0, 0)
say('ROUNDS', n)
