# SPDX-License-Identifier: Apache-2.0
# attack: exit_group while other threads are inside brokered calls
# class: threads
# wins: leak
# verdict: RE
# limits: tasks=16
from kit import *

buf, at, bits = twin_path()
tried()


def opener():
    while True:
        took(sc('openat', AT_FDCWD, buf, 0, 0))


f = Flipper(at, bits)
for _ in range(6):
    threading.Thread(target=opener, daemon=True).start()
time.sleep(0.3)
sc('exit_group', 7)
