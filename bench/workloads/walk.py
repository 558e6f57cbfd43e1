# SPDX-License-Identifier: Apache-2.0
"""Walks a tree and adds up the sizes of its files: a scandir per directory, an lstat per file."""
import os
import sys

files = total = 0
for top, _, names in os.walk(sys.argv[1]):
    for name in names:
        files += 1
        total += os.lstat(os.path.join(top, name)).st_size
print(files, total)
