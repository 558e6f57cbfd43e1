# SPDX-License-Identifier: Apache-2.0
# attack: the same relative to a descriptor of the granted directory
# class: write
# wins: files
from kit import *

tried()
d = openat(BOX, os.O_RDONLY | os.O_DIRECTORY)
for dd in (d, openat(BOX, os.O_PATH | os.O_DIRECTORY)):
    sc('mkdirat', dd, b'm', 0o755)
    sc('symlinkat', b'x', dd, b's')
    sc('mknodat', dd, b'n', 0o10644, 0)
    sc('linkat', dd, b'plain.txt', dd, b'l', 0)
    sc('renameat2', dd, b'data.bin', dd, b'plain.txt', 2)
    sc('unlinkat', dd, b'twin.txt', 0)
    sc('fchmodat', dd, b'plain.txt', 0o600)
    sc('utimensat', dd, b'plain.txt', None, 0)
    sc('openat', dd, b'created', os.O_CREAT | os.O_WRONLY, 0o644)
