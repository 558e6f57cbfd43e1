# SPDX-License-Identifier: Apache-2.0
# attack: stdout is a regular file: seek back and overwrite what was there before
# class: stdio
# wins: files
# stdout: file
from kit import *

tried()
for fd in (1, os.dup(1)):
    sc('lseek', fd, 0, 0)
    sc('write', fd, b'overwritten', 11)
    sc('pwrite64', fd, b'overwritten', 11, 0)
    sc('pwritev', fd, struct.pack('<QQ', address(ctypes.create_string_buffer(b'overwritten')), 5), 1, 0, 0)
