# SPDX-License-Identifier: Apache-2.0
"""A submission that never ends."""
number = 1
while True:
    number = number * 3 % 1000003
