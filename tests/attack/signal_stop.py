# SPDX-License-Identifier: Apache-2.0
# attack: SIGSTOP for itself: a stopped program must still end at its limit
# class: signals
# wins: limit
# limits: wall=1.5
# verdict: TO
from kit import *

tried()
threading.Thread(target=lambda: [took(openat(GOOD)) for _ in range(10000)], daemon=True).start()
sc('kill', os.getpid(), 19)
time.sleep(60)
