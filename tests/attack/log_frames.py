# SPDX-License-Identifier: Apache-2.0
# attack: Python files and functions named with control characters, records and escapes
# class: log
# wins: log
# native: n/a: there is no log without proctor
from kit import *

tried()
forged = 'FORGED-' + NONCE
for name in ('x\n{"v":1,"kind":"end"}\n', '\x1b[2J' + forged, '\n' + forged + '\n', '\u202e' + forged, 'a' * 100000, '/etc/\x00passwd', '<\x9b>', '\ud800x'):
    try:
        c = compile('def f(g):\n    g()\nf(g)\n', name.replace('\x00', ''), 'exec')
    except (ValueError, UnicodeEncodeError):
        continue
    exec(c, {'g': lambda: openat(SECRET)})

    def plain():
        openat(SECRET)
    for field in ('co_name', 'co_qualname', 'co_filename'):
        try:
            plain.__code__ = plain.__code__.replace(**{field: name})
            plain()
        except (ValueError, TypeError, UnicodeEncodeError):
            pass
