# SPDX-License-Identifier: Apache-2.0
# attack: the process kills itself while its threads are inside brokered calls
# class: threads
# wins: leak
# verdict: SG
# limits: tasks=16
from kit import *

tried()
raced_openers(6)
time.sleep(0.3)
sc('tgkill', os.getpid(), threading.get_native_id(), 9)
