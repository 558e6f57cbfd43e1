# SPDX-License-Identifier: Apache-2.0
# attack: exit_group while other threads are inside brokered calls
# class: threads
# wins: leak
# verdict: RE
# limits: tasks=16
from kit import *

tried()
raced_openers(6)
time.sleep(0.3)
sc('exit_group', 7)
