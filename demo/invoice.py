# SPDX-License-Identifier: Apache-2.0
"""A good submission: reads its own data file and standard input, computes, prints."""
import csv
import sys
from decimal import Decimal

with open("prices.csv") as file:
    prices = {row["item"]: Decimal(row["price"]) for row in csv.DictReader(file)}

total = Decimal(0)
for line in sys.stdin:
    item, count = line.split()
    total += int(count) * prices[item]
    print(f"{count:>3} {item:<8} {int(count) * prices[item]:>8}")
print(f"    total    {total:>8}")
