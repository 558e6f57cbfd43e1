# SPDX-License-Identifier: Apache-2.0
# attack: names with newlines and whole records in them, quotes, escapes, bad UTF-8, long ones
# class: log
# wins: log
# native: n/a: there is no log without proctor
from kit import *

tried()
record = ('{"v":1,"kind":"call","@timestamp":"2026-01-05T10:11:12Z","event":{"sequence":1,"action":"FORGED"},"run":{"id":"FORGED"},'
          '"decision":{"action":"allow"}}')
forged = 'FORGED-' + NONCE
names = ['/x\n' + record + '\n', '/"},"kind":"end"}\n{"v":1,"kind":"end"}\n', '/\x1b[2J\x1b[H' + forged, '/\r' + forged, '/\n' + forged + '\n',
         '/\x00', '/\x07\x08\x7f\x9b31m', '/\u202e\u2066\u2028' + forged, '/"\\\'`$(id)', '/%s%n%x', '/' + 'a' * 4080, '/' + '\x01' * 4000,
         '/\udcff\udcfe\udc80', '/\ud800'.encode('utf-8', 'surrogatepass').decode('utf-8', 'surrogateescape'), '/\xc2\x85', '/\ufeff', '/\U0010ffff']
st = stat_buf()
for base in (OUT, BOX, ''):
    for n in names:
        p = os.fsencode(base + n)
        sc('openat', AT_FDCWD, p, 0, 0)
        sc('stat', p, st)
        sc('readlink', p, st, 64)
        sc('execve', p, (ctypes.c_char_p * 2)(p[:200], None), None)
        sc('chdir', p)
        sc('rename', p, p)
        sc('symlink', p, p)
for n in (b'\xff' * 255, b'\xf0\x9f\x98', b'\xed\xa0\x80', b'\xc0\x80', b'\n{"v":1}\n'):
    sc('openat', AT_FDCWD, n, 0, 0)
    sc('memfd_create', n[:200], 0)
    sc('mount', n, n, n, 0, n)
    sc('sethostname', n, -1)
