# SPDX-License-Identifier: Apache-2.0
# attack: a blocking open that no signal ends: neither it nor the supervisor may hang
# class: resources
# wins: limit
# limits: wall=1.5 tasks=16
# verdict: TO
from kit import *

tried()
for _ in range(4):
    threading.Thread(target=lambda: openat(BOX + '/fifo'), daemon=True).start()
openat(BOX + '/fifo')
