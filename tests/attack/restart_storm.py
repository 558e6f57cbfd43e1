# SPDX-License-Identifier: Apache-2.0
# attack: a storm of timer signals over opens, stats and a blocking FIFO, with and without SA_RESTART
# class: restart
# wins: leak effect
# limits: wall=20
from kit import *

buf, at, bits = twin_path()
tried()
end = time.monotonic() + min(F['race_s'], 3)
st = stat_buf()
n = 0
f = Flipper(at, bits)
for flags in (0x10000000, 0):
    sigaction(14, code(RET), flags)
    ticker(97)
    end = time.monotonic() + 1.2
    while time.monotonic() < end:
        n += 1
        took(sc('openat', AT_FDCWD, buf, 0, 0))
        fd = sc('openat', AT_FDCWD, os.fsencode(GOOD), 0, 0)
        if fd < 0 and fd != -4:
            effect('an open failed with %d under signals' % fd) if not NATIVE else None
        elif fd >= 0:
            os.close(fd)
        sc('stat', os.fsencode(GOOD), st)
    signal.setitimer(signal.ITIMER_REAL, 0)
f.end()
say('ROUNDS', n)
