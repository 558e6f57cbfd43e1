# SPDX-License-Identifier: Apache-2.0
# attack: thread names with control characters and records in them
# class: log
# wins: log
# native: n/a: there is no log without proctor
from kit import *

tried()
for name in (b'\n{"v":1}\n', b'\x1b[2J\x1b[1;31m', b'"},{"a":"', b'\xff\xfe\xfd', b'\r\rFORGED'):
    sc('prctl', 15, name, 0, 0, 0)
    fd = openat('/proc/self/comm', os.O_WRONLY)
    openat(SECRET)
    t = threading.Thread(target=lambda: (sc('prctl', 15, name, 0, 0, 0), openat(SECRET)))
    t.start()
    t.join()
