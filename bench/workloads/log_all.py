# SPDX-License-Identifier: Apache-2.0
"""Opens and reads every file of a tree, and asks for one beside each that it does not get."""
import os
import sys


def load(path):
    try:
        with open(path, "rb") as file:
            return len(file.read())
    except OSError:
        return 0


total = 0
for top, _, names in os.walk(sys.argv[1]):
    for number, name in enumerate(names):
        total += load(os.path.join(top, name))
        if number % 5 == 0:
            load("/nonexistent/" + name)
print(total)
