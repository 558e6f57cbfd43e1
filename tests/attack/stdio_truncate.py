# SPDX-License-Identifier: Apache-2.0
# attack: stdout is a regular file: ftruncate, fallocate and truncation by reopening
# class: stdio
# wins: files
# stdout: file
from kit import *

tried()
sc('ftruncate', 1, 0)
sc('fallocate', 1, 3, 0, 4096)
sc('fallocate', 1, 0x10, 0, 4096)
openat('/proc/self/fd/1', os.O_WRONLY | os.O_TRUNC)
openat('/dev/stdout', os.O_WRONLY | os.O_TRUNC)
