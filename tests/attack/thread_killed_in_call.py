# SPDX-License-Identifier: Apache-2.0
# attack: the process kills itself while its threads are inside brokered calls
# class: threads
# wins: leak
# verdict: SG
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
sc('tgkill', os.getpid(), threading.get_native_id(), 9)
