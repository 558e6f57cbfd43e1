# SPDX-License-Identifier: Apache-2.0
# attack: owner, mode, times and attributes of the file behind stdout
# class: stdio
# wins: files
# stdin: file
from kit import *

tried()
for fd in (0, 1, 2):
    sc('fchmod', fd, 0o777)
    sc('fchown', fd, 1, 1)
    sc('utimensat', fd, None, struct.pack('<qqqq', 1, 0, 2, 0), 0)
    sc('fsetxattr', fd, b'user.a', b'1', 1, 0)
