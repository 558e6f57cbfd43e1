# SPDX-License-Identifier: Apache-2.0
# attack: clock, host name, swap, accounting, quota, kernel log, reboot
# class: admin
# wins: unlogged
# native: n/a: it would change this machine
# logged: settimeofday clock_settime adjtimex clock_adjtime sethostname setdomainname swapon swapoff acct
# logged: syslog quotactl reboot vhangup
from kit import *

tried()
sc('settimeofday', None, None)
sc('clock_settime', 0, None)
sc('adjtimex', struct.pack('<IQ', 0x8000, 0) + bytes(200))
sc('clock_adjtime', 0, struct.pack('<I', 0x8000) + bytes(204))
sc('sethostname', b'x', -1)
sc('setdomainname', b'x', -1)
sc('swapon', b'/none', 0)
sc('swapoff', b'/none')
sc('acct', b'/none')
sc('syslog', 99, None, 0)
sc('quotactl', -1, b'/none', 0, None)
sc('reboot', 0, 0, 0, None)
sc('vhangup') if not NATIVE else None
