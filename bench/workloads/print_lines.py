# SPDX-License-Identifier: Apache-2.0
"""Prints COUNT lines; flushed line by line if told so."""
import sys

flush = sys.argv[2] == "flush"
for n in range(int(sys.argv[1])):
    print(n, flush=flush)
